using System.Net;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.Imds.Faults;
using TokenBroker.TestSupport;
using Xunit;

namespace TokenBroker.EndToEnd.Telemetry;

/// <summary>What a collector gets when OpenTelemetry's own variables name one.</summary>
public class CollectorTests
{
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    private const string Parent = "00f067aa0ba902b7";

    [Fact]
    public async Task Collector_gets_the_request_its_way_to_storage_and_the_attempt_that_it_waited_for()
    {
        await using var collector = await CollectorStub.StartAsync();
        await using var scene = await Scene.StartAsync(prepare: (scene, settings) =>
        {
            scene.Imds.Inject(Fault.Answer(500));
            return settings with
            {
                Environment = new Dictionary<string, string>
                {
                    ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Address.GetLeftPart(UriPartial.Authority),
                    ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
                    ["OTEL_BSP_SCHEDULE_DELAY"] = "200",
                },
            };
        });
        using var http = Http.CreateClient();
        using var request = Http.Get(scene.Blob("pattern-10"));
        request.Headers.Add("traceparent", $"00-{Trace}-{Parent}-01");
        request.Headers.Add("x-ms-client-request-id", "mine");

        var asked = http.SendAsync(request);
        await Wait.UntilAsync(async () => (await http.GetStringAsync(new Uri(scene.Sidecar.Admin, "/metrics")))
            .Split('\n').Any(line => line.StartsWith("tokenbroker_proxy_waiting_requests", StringComparison.Ordinal) && line.Contains("} 1", StringComparison.Ordinal)),
            RunningSidecar.Limit, "the request waits for a token");
        scene.Imds.ClearFaults();
        using var answer = await asked;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);

        IReadOnlyList<ReceivedSpan> spans = [];
        await Wait.UntilAsync(
            () => (spans = ReceivedSpan.ReadAll(collector.Received("/v1/traces"))).Count(span => span.TraceId == Trace) == 2,
            RunningSidecar.Limit, "both spans of the trace arrive");
        var served = Assert.Single(spans, span => span is { TraceId: Trace, Kind: 2 });
        var sent = Assert.Single(spans, span => span is { TraceId: Trace, Kind: 3 });
        Assert.Equal((Parent, "GET"), (served.ParentSpanId, served.Name));
        Assert.Equal((served.SpanId, "GET storage"), (sent.ParentSpanId, sent.Name));
        Assert.Equal("mine", served.Attributes["http.request.header.x-ms-client-request-id"]);
        Assert.Equal(answer.Headers.GetValues("x-ms-request-id").Single(), served.Attributes["http.response.header.x-ms-request-id"]);
        Assert.Equal(("acct", "read", "none"), (served.Attributes["tokenbroker.account"], served.Attributes["tokenbroker.operation"], served.Attributes["tokenbroker.reason"]));
        var attempts = spans.Where(span => span.Name == "token refresh").ToDictionary(span => span.SpanId, span => span.Attributes["tokenbroker.token.outcome"]);
        Assert.NotEmpty(served.Links);
        Assert.Equal("refreshed", attempts[served.Links[^1]]);
        Assert.All(served.Links.SkipLast(1), link => Assert.Equal("failed", attempts[link]));
        Assert.DoesNotContain(spans, span => span.Attributes.Values.Any(value => value.Contains("pattern", StringComparison.Ordinal)));
    }
}
