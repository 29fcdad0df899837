using System.Diagnostics;
using System.Diagnostics.Metrics;
using TokenBroker.Tests.Tokens.Simulation;
using TokenBroker.Tokens;

namespace TokenBroker.Tests.Tokens;

/// <summary>What a listener hears of one test's meters, and of the spans of its identity.</summary>
internal sealed class Telemetry : IDisposable
{
    private readonly MeterListener _meters = new();
    private readonly ActivityListener _spans;
    private readonly List<Activity> _ended = [];
    private readonly string _identity;

    public Telemetry(Meters meters, string identity)
    {
        _identity = identity;
        _meters.InstrumentPublished = (instrument, listener) =>
        {
            if (!meters.Made(instrument.Meter))
                return;
            Units[instrument.Name] = instrument.Unit;
            listener.EnableMeasurementEvents(instrument);
        };
        _meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _meters.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        _meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _meters.Start();
        _spans = new ActivityListener
        {
            ShouldListenTo = source => source.Name == TokenMetrics.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                if (Equals(span.GetTagItem("tokenbroker.token.identity"), identity))
                    _ended.Add(span);
            },
        };
        ActivitySource.AddActivityListener(_spans);
    }

    public Dictionary<string, string?> Units { get; } = [];

    /// <summary>Name and labels, sorted and but for the identity, to the last value; counters are summed.</summary>
    public Dictionary<string, double> Measured { get; } = [];

    public IReadOnlyList<Activity> Spans => _ended;

    public void Collect() => _meters.RecordObservableInstruments();

    public void Dispose()
    {
        _meters.Dispose();
        _spans.Dispose();
    }

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = tags.ToArray().ToDictionary(tag => tag.Key, tag => (string)tag.Value!);
        if (labels.GetValueOrDefault("identity") != _identity)
            throw new InvalidOperationException($"{instrument.Name} does not name the identity.");
        labels.Remove("identity");
        var key = instrument.Name + string.Concat(labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $" {label.Key}={label.Value}"));
        Measured[key] = value + (instrument is Counter<long> ? Measured.GetValueOrDefault(key) : 0);
    }
}
