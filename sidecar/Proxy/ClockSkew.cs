using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using TokenBroker.Proxy.Telemetry;

namespace TokenBroker.Proxy;

/// <summary>
/// How far this host's clock is from storage's, by the <c>Date</c> of its answers, to about a second. The clock decides
/// when a token expires and dates signatures, so a wrong clock causes errors that look like something else.
/// </summary>
internal sealed class ClockSkew
{
    /// <summary>Beyond this it is logged. Storage itself tolerates 15 minutes.</summary>
    public static readonly TimeSpan Noteworthy = TimeSpan.FromMinutes(1);

    /// <summary>A date has whole seconds: on average half a second is missing.</summary>
    private static readonly TimeSpan Cut = TimeSpan.FromSeconds(0.5);

    private readonly ConcurrentDictionary<string, Reading> _byAccount = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;
    private readonly ILogger<ClockSkew> _logger;

    public ClockSkew(IMeterFactory meters, TimeProvider time, ILogger<ClockSkew> logger)
    {
        (_time, _logger) = (time, logger);
        meters.Create(ProxyMetrics.Name).CreateObservableGauge("tokenbroker.clock.skew",
            () => _byAccount.Select(pair => new Measurement<double>(pair.Value.Skew.TotalSeconds, new KeyValuePair<string, object?>("account", pair.Key))),
            "s", "How far this host's clock is ahead of storage's, to about a second; negative if it is behind.");
    }

    /// <param name="account">A configured account.</param>
    /// <param name="date">The date of an answer; null if it has none.</param>
    public void Observe(string account, DateTimeOffset? date)
    {
        if (date is not { } said)
            return;
        var skew = _time.GetUtcNow() - said - Cut;
        if (_byAccount.GetOrAdd(account, static _ => new()).Take(skew))
            ProxyLog.ClockIsOff(_logger, Math.Abs(skew.TotalSeconds), skew > TimeSpan.Zero ? "ahead of" : "behind", account);
    }

    private sealed class Reading
    {
        private long _ticks;
        private int _said;

        public TimeSpan Skew => new(Volatile.Read(ref _ticks));

        /// <returns>True if it must be logged: once until the clock is correct again. An uncertainty of about a second does not count as correct.</returns>
        public bool Take(TimeSpan skew)
        {
            Volatile.Write(ref _ticks, skew.Ticks);
            if (skew.Duration() >= Noteworthy)
                return Interlocked.Exchange(ref _said, 1) == 0;
            if (skew.Duration() < Noteworthy / 2)
                Volatile.Write(ref _said, 0);
            return false;
        }
    }
}
