using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace TokenBroker.Proxy;

/// <summary>
/// How far this host's clock is from storage's, by the <c>Date</c> of its answers, to about a second. A token's expiry and a
/// signature's date are judged by clocks: what is wrong with them shows up as something else.
/// </summary>
internal sealed class ClockSkew
{
    /// <summary>From here on it is said. Storage itself puts up with 15 minutes.</summary>
    public static readonly TimeSpan Noteworthy = TimeSpan.FromMinutes(1);

    /// <summary>A date is cut to the second: on the average half of one is missing.</summary>
    private static readonly TimeSpan Cut = TimeSpan.FromSeconds(0.5);

    private readonly ConcurrentDictionary<string, TimeSpan> _byAccount = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _said = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;
    private readonly ILogger<ClockSkew> _logger;

    public ClockSkew(IMeterFactory meters, TimeProvider time, ILogger<ClockSkew> logger)
    {
        (_time, _logger) = (time, logger);
        meters.Create(ProxyMetrics.Name).CreateObservableGauge("tokenbroker.clock.skew",
            () => _byAccount.Select(pair => new Measurement<double>(pair.Value.TotalSeconds, new KeyValuePair<string, object?>("account", pair.Key))),
            "s", "How far this host's clock is ahead of storage's, to about a second; negative if it is behind.");
    }

    /// <param name="account">A configured account.</param>
    /// <param name="date">The date of an answer; null if it has none.</param>
    public void Observe(string account, DateTimeOffset? date)
    {
        if (date is not { } said)
            return;
        var skew = _time.GetUtcNow() - said - Cut;
        _byAccount[account] = skew;
        // Once it was set right it may be said again; about a second of doubt is no setting right.
        if (skew.Duration() < Noteworthy / 2)
            _said.TryRemove(account, out _);
        else if (skew.Duration() >= Noteworthy && _said.TryAdd(account, true))
            ProxyLog.ClockIsOff(_logger, Math.Abs(skew.TotalSeconds), skew > TimeSpan.Zero ? "ahead of" : "behind", account);
    }
}
