using TokenBroker.Configuration;
using TokenBroker.Logging;
using TokenBroker.Tokens;

namespace TokenBroker.Admin;

/// <summary>The answer of <c>/health/ready</c>: not stopping, and a usable token for every account. Has states and times, never a token.</summary>
/// <param name="Status">ready or not-ready.</param>
/// <param name="Reason">Which condition failed: starting, stopping or no-token; null if none did.</param>
/// <param name="Since">When this status began.</param>
/// <param name="WhatToDo">What to do; null if nothing.</param>
/// <param name="Accounts">One row for each account.</param>
internal sealed record HealthReport(string Status, string? Reason, DateTimeOffset? Since, string? WhatToDo, IReadOnlyList<AccountHealth> Accounts)
{
    /// <summary>Dropped log messages; null if there are none. They do not make the sidecar unready.</summary>
    public LogHealth? Log { get; init; }

    public static HealthReport Of(BrokerOptions options, TokenCache tokens, Lifecycle lifecycle, LogQueue log)
    {
        var accounts = options.Accounts.Select(account => AccountHealth.Of(account, tokens[account.Identity], lifecycle)).ToList();
        var waiting = accounts.Where(account => !account.Ready).ToList();
        HealthReport report = lifecycle.Phase switch
        {
            Phase.Starting => new("not-ready", "starting", lifecycle.Since, "Wait: the sidecar is opening its listeners.", accounts),
            Phase.Stopping => new("not-ready", "stopping", lifecycle.Since, "Send requests to another instance: the sidecar finishes the requests in flight and then ends.", accounts),
            _ when waiting.Count > 0 => new("not-ready", "no-token", waiting.Min(account => account.Since),
                $"See whatToDo of {string.Join(", ", waiting.Select(account => account.Account))}.", accounts),
            _ => new("ready", null, null, null, accounts),
        };
        return report with { Log = LogHealth.Of(options, log) };
    }
}

/// <param name="Dropped">Log messages that were dropped since the start.</param>
/// <param name="DroppedAudit">Audit lines among them.</param>
/// <param name="AuditWhenFull">drop or refuse; null without an audit log.</param>
/// <param name="IsFull">True if there is no room for the next audit line.</param>
/// <param name="WhatToDo">What to do.</param>
internal sealed record LogHealth(long Dropped, long DroppedAudit, string? AuditWhenFull, bool IsFull, string WhatToDo)
{
    private const string ReadOn = "Check that the reader of standard output is running and fast enough; if standard output is a file, check for a full disk.";

    /// <returns>Null if nothing was dropped.</returns>
    public static LogHealth? Of(BrokerOptions options, LogQueue log)
    {
        var (dropped, isFull) = (log.Dropped, log.IsFull);
        if (dropped.All == 0 && !isFull)
            return null;
        var refuses = options is { Audit: true, AuditWhenFull: Configuration.AuditWhenFull.Refuse };
        return new(dropped.All, dropped.Audit, options.Audit ? options.AuditWhenFull.ToString().ToLowerInvariant() : null, isFull,
            refuses && isFull ? $"Requests are answered with 503 (audit-full) until there is room. {ReadOn}" : ReadOn);
    }
}

/// <param name="Account">The account.</param>
/// <param name="Identity">The identity that serves it.</param>
/// <param name="Source">Where its tokens come from.</param>
/// <param name="Ready">True if a usable token is there.</param>
/// <param name="TokenState">The entry's state.</param>
/// <param name="ExpiresOn">Expiry of the current token.</param>
/// <param name="NextAttemptInSeconds">Time until the next attempt.</param>
/// <param name="Since">Since when there is no usable token; null if there is one.</param>
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
