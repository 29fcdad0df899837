using System.Text.Json.Serialization;
using TokenBroker.Configuration;
using TokenBroker.Tokens;

namespace TokenBroker.Admin;

/// <summary>The answer of <c>/health/ready</c>. Has states and times, never a token.</summary>
internal sealed record HealthReport(string Status, IReadOnlyList<AccountHealth> Accounts)
{
    public static HealthReport Of(BrokerOptions options, TokenCache tokens)
    {
        var accounts = options.Accounts.Select(account => AccountHealth.Of(account, tokens[account.Identity])).ToList();
        return new(accounts.All(account => account.Ready) ? "ready" : "not-ready", accounts);
    }
}

/// <param name="Account">The account.</param>
/// <param name="Identity">The identity that serves it.</param>
/// <param name="Source">Where its tokens come from.</param>
/// <param name="Ready">True if a usable token is there.</param>
/// <param name="TokenState">The entry's state.</param>
/// <param name="ExpiresOn">Expiry of the token that is held.</param>
/// <param name="NextAttemptInSeconds">Time until the next attempt.</param>
/// <param name="Reason">Why the last attempt failed, if it did.</param>
/// <param name="Detail">What the endpoint said, as codes.</param>
/// <param name="FailingSince">Since when attempts fail.</param>
/// <param name="WhatToDo">The cure.</param>
internal sealed record AccountHealth(
    string Account, string Identity, string Source, bool Ready, string TokenState, DateTimeOffset? ExpiresOn,
    double NextAttemptInSeconds, string? Reason, string? Detail, DateTimeOffset? FailingSince, string? WhatToDo)
{
    public static AccountHealth Of(AccountOptions account, TokenEntry entry)
    {
        var token = entry.Snapshot();
        return new(account.Name, entry.Identity, entry.SourceName, token.IsUsable, token.State.ToString().ToLowerInvariant(),
            token.ExpiresOn, Math.Round(token.NextAttemptIn.TotalSeconds, 1),
            token.Failure?.Code ?? (token.IsUsable ? null : TokenFailure.CodeOf(TokenFailureReason.Pending)),
            token.Failure?.Detail, token.FailingSince,
            token.Failure?.Sentence ?? (token.IsUsable ? null : TokenFailure.SentenceOf(TokenFailureReason.Pending)));
    }
}

/// <summary>The answer of <c>/health/live</c>, and of refusals.</summary>
internal sealed record AdminAnswer(string Status, string? Reason = null, string? WhatToDo = null);

[JsonSerializable(typeof(HealthReport))]
[JsonSerializable(typeof(RefreshReport))]
[JsonSerializable(typeof(AdminAnswer))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class AdminJson : JsonSerializerContext;
