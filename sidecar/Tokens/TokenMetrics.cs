using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace TokenBroker.Tokens;

/// <summary>The metrics and spans of tokens. The number of label values is limited: identities and fixed sets of words.</summary>
internal sealed class TokenMetrics
{
    public const string Name = "TokenBroker.Tokens";

    private static readonly ActivitySource Activities = new(Name);

    private readonly Counter<long> _refreshes;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _reads;
    private readonly TimeProvider _time;

    public TokenMetrics(IMeterFactory meters, TimeProvider time)
    {
        _time = time;
        var meter = meters.Create(Name);
        Meter = meter;
        _refreshes = meter.CreateCounter<long>(
            "tokenbroker.token.refreshes", "{refresh}", "Attempts to get a token.");
        _duration = meter.CreateHistogram<double>(
            "tokenbroker.token.refresh.duration", "s", "Duration of an attempt to get a token.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] });
        _reads = meter.CreateCounter<long>(
            "tokenbroker.token.reads", "{read}", "Reads of a token by requests: ready (no wait), waited or refused.");
    }

    private Meter Meter { get; }

    /// <summary>Adds the gauges, which read the entries at each collection.</summary>
    public void Observe(Func<IEnumerable<TokenEntry>> entries)
    {
        Meter.CreateObservableGauge("tokenbroker.token.time_to_expiry", () => Measure(entries(), s => s.TimeToExpiry?.TotalSeconds),
            "s", "Time until the token expires; negative after it has expired.");
        Meter.CreateObservableGauge("tokenbroker.token.age", () => Measure(entries(), s => s.Age?.TotalSeconds),
            "s", "Time since the token was received.");
        Meter.CreateObservableGauge("tokenbroker.token.state", () => States(entries()),
            "{entry}", "1 for the current state of the entry, 0 for the other states.");
    }

    public void ReadReady(string identity) => _reads.Add(1, new("identity", identity), new("kind", "ready"));

    /// <summary>Counts a request that had to wait for a token: it got one, or was refused.</summary>
    public void ReadWaited(string identity, bool gotToken) =>
        _reads.Add(1, new("identity", identity), new("kind", gotToken ? "waited" : "refused"));

    public Attempt StartAttempt(string identity, TokenTrigger trigger) => new(this, identity, trigger);

    private static IEnumerable<Measurement<double>> Measure(IEnumerable<TokenEntry> entries, Func<TokenSnapshot, double?> value) =>
        from entry in entries
        let measured = value(entry.Snapshot())
        where measured is not null
        select new Measurement<double>(measured.Value, new KeyValuePair<string, object?>("identity", entry.Identity));

    private static IEnumerable<Measurement<int>> States(IEnumerable<TokenEntry> entries) =>
        from entry in entries
        let current = entry.Snapshot().State
        from state in Enum.GetValues<TokenState>()
        select new Measurement<int>(state == current ? 1 : 0,
            new("identity", entry.Identity), new("state", Word(state.ToString())));

    private static string Word(string name) => name.ToLowerInvariant();

    /// <summary>One attempt, from its start to its end: a span, a duration and a count with equal labels.</summary>
    public sealed class Attempt(TokenMetrics metrics, string identity, TokenTrigger trigger) : IDisposable
    {
        private readonly long _started = metrics._time.GetTimestamp();
        private readonly Activity? _activity = Activities.StartActivity("token refresh", ActivityKind.Client);

        public ActivityContext? Context => _activity?.Context;

        public void End(TokenOutcome outcome, string? reason)
        {
            var tags = new TagList
            {
                { "identity", identity },
                { "outcome", Word(outcome.ToString()) },
                { "reason", reason ?? "none" },
                { "trigger", Word(trigger.ToString()) },
            };
            metrics._refreshes.Add(1, tags);
            metrics._duration.Record(metrics._time.GetElapsedTime(_started).TotalSeconds, tags);
            foreach (var (key, value) in tags)
                _activity?.SetTag("tokenbroker.token." + key, value);
            if (outcome == TokenOutcome.Failed)
                _activity?.SetStatus(ActivityStatusCode.Error, reason);
        }

        public void Dispose() => _activity?.Dispose();
    }
}
