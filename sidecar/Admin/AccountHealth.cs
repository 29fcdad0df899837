using TokenBroker.Configuration;
using TokenBroker.Tokens;
using TokenBroker.Tokens.Answers;

namespace TokenBroker.Admin;

/// <param name="Account">The account.</param>
/// <param name="Identity">The identity that serves it.</param>
/// <param name="Source">Where its tokens come from.</param>
/// <param name="Ready">True if a usable token is there.</param>
/// <param name="TokenState">The entry's state.</param>
/// <param name="ExpiresOn">Expiry of the current token.</param>
/// <param name="NextAttemptInSeconds">Time until the next attempt.</param>
/// <param name="Since">Since when a usable token is missing; null if one is ready.</param>
/// <param name="Reason">Why the last attempt failed, if it did.</param>
/// <param name="Detail">What the endpoint said, as codes.</param>
/// <param name="FailingSince">Since when attempts fail.</param>
/// <param name="WhatToDo">What to do.</param>
internal sealed record AccountHealth(
    string Account, string Identity, string Source, bool Ready, string TokenState, DateTimeOffset? ExpiresOn,
    double NextAttemptInSeconds, DateTimeOffset? Since, string? Reason, string? Detail, DateTimeOffset? FailingSince, string? WhatToDo)
{
    public static AccountHealth Of(AccountOptions account, TokenEntry entry, Lifecycle lifecycle)
    {
        var token = entry.Snapshot();
        return new(account.Name, entry.Identity, entry.SourceName, token.IsUsable, token.State.ToString().ToLowerInvariant(),
            token.ExpiresOn, Math.Round(token.NextAttemptIn.TotalSeconds, 1),
            token.IsUsable ? null : token.ExpiresOn ?? token.FailingSince ?? lifecycle.Since,
            token.Failure?.Code ?? (token.IsUsable ? null : TokenFailure.CodeOf(TokenFailureReason.Pending)),
            token.Failure?.Detail, token.FailingSince,
            token.Failure?.Sentence ?? (token.IsUsable ? null : TokenFailure.SentenceOf(TokenFailureReason.Pending)));
    }
}
