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
