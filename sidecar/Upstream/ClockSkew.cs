using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace TokenBroker.Upstream;

/// <summary>
/// How far this host's clock differs from storage's, by the <c>Date</c> of its answers, to about a second. Expiry of tokens and
/// dates of signatures depend on clocks, so that a wrong clock shows up as some other error.
/// </summary>
internal sealed class ClockSkew
{
    /// <summary>The difference that storage allows between a signed request's date and its own clock.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(15);

    /// <summary>A warning is logged for this difference and above.</summary>
    public static readonly TimeSpan WarningThreshold = TimeSpan.FromMinutes(1);

    /// <summary>A date has whole seconds: half a second is missing on average.</summary>
    private static readonly TimeSpan Rounding = TimeSpan.FromSeconds(0.5);

    private readonly ConcurrentDictionary<string, Reading> _byAccount = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;
    private readonly ILogger<ClockSkew> _logger;

    public ClockSkew(UpstreamMetrics metrics, TimeProvider time, ILogger<ClockSkew> logger)
    {
        (_time, _logger) = (time, logger);
        metrics.ObserveSkew(() => _byAccount.Select(
            pair => new Measurement<double>(pair.Value.Skew.TotalSeconds, new KeyValuePair<string, object?>("account", pair.Key))));
    }

    /// <param name="account">A configured account.</param>
    /// <param name="date">The date of an answer; null if it has none.</param>
    public void Observe(string account, DateTimeOffset? date)
    {
        if (date is not { } said)
            return;
        var skew = _time.GetUtcNow() - said - Rounding;
        if (_byAccount.GetOrAdd(account, static _ => new()).Take(skew))
            UpstreamLog.ClockIsOff(_logger, Math.Abs(skew.TotalSeconds), skew > TimeSpan.Zero ? "ahead of" : "behind", account);
    }

    private sealed class Reading
    {
        private long _ticks;
        private int _said;

        public TimeSpan Skew => new(Volatile.Read(ref _ticks));

        /// <returns>True if a warning is due: once, until the clock was corrected. Half the threshold keeps small changes from repeating it.</returns>
        public bool Take(TimeSpan skew)
        {
            Volatile.Write(ref _ticks, skew.Ticks);
            if (skew.Duration() >= WarningThreshold)
                return Interlocked.Exchange(ref _said, 1) == 0;
            if (skew.Duration() < WarningThreshold / 2)
                Volatile.Write(ref _said, 0);
            return false;
        }
    }
}
