using TokenBroker.Tokens;

namespace TokenBroker.Admin;

/// <param name="Identity">The identity.</param>
/// <param name="Source">Where its tokens come from.</param>
/// <param name="Outcome">refreshed, unchanged or failed.</param>
/// <param name="Meaning">The outcome in a sentence.</param>
/// <param name="ExpiresOn">Expiry of the current token.</param>
/// <param name="Reason">Why it failed, if it did.</param>
/// <param name="Detail">What the endpoint said, as codes.</param>
internal sealed record RefreshedToken(
    string Identity, string Source, string Outcome, string Meaning, DateTimeOffset? ExpiresOn, string? Reason, string? Detail)
{
    public static RefreshedToken Of(TokenEntry entry, AttemptResult result)
    {
        var meaning = result.Outcome switch
        {
            TokenOutcome.Refreshed => $"A new token is in use until {result.ExpiresOn:u}.",
            TokenOutcome.Unchanged =>
                $"The endpoint returned the same token again, as it does for hours. The token stays in use until {result.ExpiresOn:u}.",
            _ => result.Failure!.Sentence,
        };
        return new(entry.Identity, entry.SourceName, result.Outcome.ToString().ToLowerInvariant(), meaning,
            result.ExpiresOn, result.Failure?.Code, result.Failure?.Detail);
    }
}
