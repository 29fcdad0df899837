using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using TokenBroker.Configuration;
using TokenBroker.Imds.Faults;
using TokenBroker.Logging;
using TokenBroker.Proxy.Telemetry;
using TokenBroker.Tests.Functional;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Storage;
using TokenBroker.Tokens;
using TokenBroker.Upstream;
using Xunit;

namespace TokenBroker.Tests.Docs;

/// <summary>An instrument that a running sidecar really has, with the labels that it really uses.</summary>
internal sealed record ObservedMetric(string Name, string PrometheusName, string Kind, IReadOnlyList<string> Labels, string Meaning);

/// <summary>Listens to a sidecar that serves, refuses and refreshes, and reads its <c>/metrics</c>.</summary>
internal static partial class ObservedMetrics
{
    private static readonly string[] Meters = [TokenMetrics.Name, ProxyMetrics.Name, UpstreamMetrics.Name, QueuedLoggerProvider.MeterName];

    public static async Task<IReadOnlyList<ObservedMetric>> CollectAsync()
    {
        var instruments = new Dictionary<string, (Instrument Instrument, SortedSet<string> Labels)>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (!Meters.Contains(instrument.Meter.Name))
                return;
            lock (instruments)
                instruments.TryAdd(instrument.Name, (instrument, []));
            self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Add(instrument, tags));
        listener.SetMeasurementEventCallback<int>((instrument, _, tags, _) => Add(instrument, tags));
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Add(instrument, tags));
        listener.Start();

        await using var broker = await RunningBroker.StartAsync(options => options with
        {
            Tokens = options.Tokens with { FirstTokenWait = TimeSpan.FromSeconds(0.2) },
            Accounts = [.. options.Accounts, options.Accounts[0] with { Name = "closed", Endpoint = new("https://closed.invalid"), Policy = new() { Operations = BlobOperations.Read } }],
        }, (metadata, _) => metadata.Inject(Fault.Of(FaultKind.Hang)));
        Assert.Equal(503, (await broker.GetAsync("/acct?comp=list")).Status); // it has waited for a token
        broker.Metadata.ClearFaults();
        await Wait.UntilAsync(async () => (await broker.GetAsync("/acct?comp=list")).Status == 200, TimeSpan.FromSeconds(20), "a token is there");
        Assert.Equal(400, (await broker.GetAsync("/nobody")).Status);
        Assert.Equal(403, (await broker.GetAsync("/closed?comp=list")).Status);
        broker.Storage.AnswerNext(PlannedAnswer.Reset);
        Assert.Equal(200, (await broker.GetAsync("/acct?comp=list")).Status); // sent again on a new connection
        listener.RecordObservableInstruments();

        // A request is measured once it has ended, its client may have the answer a moment before, and a scrape may be a moment old.
        IReadOnlyList<ObservedMetric> metrics = [];
        string[] exported = [];
        await Wait.UntilAsync(async () =>
        {
            // The scrape first: labels that were read before it could lack those of a measurement that it already has.
            var scraped = (await broker.GetAdminAsync("/metrics")).Text;
            lock (instruments)
                metrics = [.. instruments.Values.Select(entry => Describe(entry.Instrument, entry.Labels)).OrderBy(metric => metric.Name, StringComparer.Ordinal)];
            exported = [.. TypeLine().Matches(scraped).Select(match => match.Groups[1].Value).Where(name => name.StartsWith("tokenbroker_", StringComparison.Ordinal))];
            return metrics.Select(metric => metric.PrometheusName).Order().SequenceEqual(exported.Order());
        }, TimeSpan.FromSeconds(20), "what is measured is exported, and nothing else");
        return metrics;

        void Add(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            lock (instruments)
            {
                foreach (var (label, _) in tags)
                    instruments[instrument.Name].Labels.Add(label);
            }
        }
    }

    private static ObservedMetric Describe(Instrument instrument, IEnumerable<string> labels)
    {
        var type = instrument.GetType().Name;
        var kind = type.StartsWith("Counter", StringComparison.Ordinal) || type.StartsWith("ObservableCounter", StringComparison.Ordinal) ? "counter"
            : type.StartsWith("Histogram", StringComparison.Ordinal) ? "histogram"
            : type.StartsWith("UpDownCounter", StringComparison.Ordinal) ? "up-down counter"
            : "gauge";
        var seconds = instrument.Unit == "s";
        var name = instrument.Name.Replace('.', '_') + (seconds ? "_seconds" : instrument.Unit == "By" ? "_bytes" : "") + (kind == "counter" ? "_total" : "");
        return new(instrument.Name, name, seconds ? kind + ", seconds" : instrument.Unit == "By" ? kind + ", bytes" : kind, [.. labels], instrument.Description!);
    }

    [GeneratedRegex(@"^# TYPE (\S+) ", RegexOptions.Multiline)]
    private static partial Regex TypeLine();
}
