using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using TokenBroker.Proxy;

namespace TokenBroker.Tests.Functional;

/// <summary>What a listener hears of one sidecar's requests, and of the spans that continue the test's own trace.</summary>
internal sealed class ProxyTelemetry : IDisposable
{
    private readonly MeterListener _meters = new();
    private readonly ActivityListener _spans;
    private readonly ConcurrentQueue<(string Instrument, double Value, string Labels)> _measured = [];
    private readonly ConcurrentQueue<Activity> _ended = [];

    public ProxyTelemetry(RunningBroker broker)
    {
        var scope = broker.Services.GetRequiredService<IMeterFactory>();
        _meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == scope)
                listener.EnableMeasurementEvents(instrument);
        };
        _meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _meters.Start();
        _spans = new ActivityListener
        {
            ShouldListenTo = source => source.Name.StartsWith("TokenBroker.", StringComparison.Ordinal),
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_spans);
    }

    /// <summary>The trace that the test's requests belong to.</summary>
    public ActivityTraceId Trace { get; } = ActivityTraceId.CreateRandom();

    /// <summary>A header that makes a request part of <see cref="Trace"/>.</summary>
    public string TraceParent => $"traceparent: 00-{Trace}-00f067aa0ba902b7-01\r\n";

    public IEnumerable<Activity> Spans => _ended.Where(span => span.TraceId == Trace);

    /// <summary>Every span, whatever its trace: attempts to get a token have one of their own.</summary>
    public IEnumerable<Activity> All => _ended;

    /// <summary>The values of an instrument, in the order in which they came.</summary>
    public IReadOnlyList<double> Values(string instrument, string labels = "") =>
        [.. _measured.Where(one => one.Instrument == instrument && one.Labels.Contains(labels, StringComparison.Ordinal)).Select(one => one.Value)];

    /// <summary>The labels of an instrument's values, as <c>name=value</c>, in the order in which they came.</summary>
    public IReadOnlyList<string> Labels(string instrument) => [.. _measured.Where(one => one.Instrument == instrument).Select(one => one.Labels)];

    /// <summary>Forgets what was measured until now.</summary>
    public void Clear() => _measured.Clear();

    public void Collect() => _meters.RecordObservableInstruments();

    public void Dispose()
    {
        _meters.Dispose();
        _spans.Dispose();
    }

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _measured.Enqueue((instrument.Name, value, string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))));
}
