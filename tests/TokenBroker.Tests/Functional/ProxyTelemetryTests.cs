using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TokenBroker.Imds.Faults;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Network;
using TokenBroker.TestSupport.Storage;
using Xunit;

namespace TokenBroker.Tests.Functional;

/// <summary>What is said of a request: what it wanted, who failed, and where its trace goes on.</summary>
public class ProxyTelemetryTests
{
    private const string Overhead = "tokenbroker.proxy.overhead";
    private const string Waiting = "tokenbroker.proxy.waiting_requests";
    private const string Counted = "tokenbroker.proxy.requests";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData("/acct/c/pattern-10", "", 0, "account=acct operation=read status_class=2xx failed_by=none")]
    [InlineData("/acct/c/absent", "", 0, "account=acct operation=read status_class=4xx failed_by=client")]
    [InlineData("/acct/c?restype=container&comp=list", "", 0, "account=acct operation=list status_class=2xx failed_by=none")]
    [InlineData("/acct/c/pattern-10", "", 503, "account=acct operation=read status_class=5xx failed_by=storage")]
    [InlineData("/acct/c/pattern-10", "Origin: http://evil.example\r\n", 0, "account=none operation=none status_class=4xx failed_by=client")]
    [InlineData("/closed/c/b", "", 0, "account=closed operation=read status_class=5xx failed_by=storage")]
    public async Task Request_is_counted_by_what_it_wanted_and_who_failed(string target, string headers, int storage, string labels)
    {
        await using var broker = await RunningBroker.StartAsync(options => options with
        {
            Accounts = [.. options.Accounts, options.Accounts[0] with { Name = "closed", Endpoint = new("https://127.0.0.1:1/closed") }],
        });
        using var telemetry = new ProxyTelemetry(broker);
        if (storage > 0)
            broker.Storage.AnswerNext(PlannedAnswer.Busy);

        await broker.GetAsync(target, headers);

        await Wait.UntilAsync(() => telemetry.Labels(Counted).Count == 1, Limit, "the request is counted");
        Assert.Equal([labels], telemetry.Labels(Counted));
        Assert.Equal([1, -1], telemetry.Values("tokenbroker.proxy.active_requests"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Answer_that_storage_breaks_off_is_storages_failure_and_no_success(bool closes)
    {
        using var log = new CapturedLog();
        await using var broker = await RunningBroker.StartAsync(options => options with { Audit = true }, configure: services => services.AddSingleton<ILoggerProvider>(log));
        using var telemetry = new ProxyTelemetry(broker);
        broker.Storage.AnswerNext(new() { ResetAfterResponseBytes = 300_000, Closes = closes });

        await Assert.ThrowsAnyAsync<IOException>(() => broker.GetAsync("/acct/c/pattern-1000000", telemetry.TraceParent));

        await Wait.UntilAsync(() => telemetry.Spans.Count() == 2, Limit, "the request has ended");
        Assert.Equal(["account=acct operation=read status_class=2xx failed_by=storage"], telemetry.Labels(Counted));
        Assert.EndsWith("reason=upstream-broken", Assert.Single(telemetry.Labels("tokenbroker.proxy.request.duration")), StringComparison.Ordinal);
        Assert.All(telemetry.Spans, span => Assert.Equal(ActivityStatusCode.Error, span.Status));
        await Wait.UntilAsync(() => log.Lines.Any(line => line.Contains("read: broken off upstream-broken 200", StringComparison.Ordinal)), Limit, "the audit log says so");
    }

    [Fact]
    public async Task Client_that_goes_away_is_the_clients_failure()
    {
        await using var broker = await RunningBroker.StartAsync();
        using var telemetry = new ProxyTelemetry(broker);
        await using var connection = await RawConnection.OpenAsync(broker.Data);
        await connection.SendAsync($"GET /acct/c/pattern-100000000 HTTP/1.1\r\nHost: {broker.Data.Authority}\r\nx-ms-version: 2021-12-02\r\n\r\n");
        await Wait.UntilAsync(() => telemetry.Values("tokenbroker.upstream.io", "direction=received").Sum() > 10_000, Limit, "storage sends");

        connection.Reset();

        await Wait.UntilAsync(() => telemetry.Labels(Counted).Count == 1, Limit, "the request has ended");
        Assert.Equal(["account=acct operation=read status_class=4xx failed_by=client"], telemetry.Labels(Counted));
    }

    [Fact]
    public async Task Request_without_a_token_is_the_sidecars_failure_and_its_wait_is_no_added_time()
    {
        await using var broker = await RunningBroker.StartAsync(
            options => options with { Tokens = options.Tokens with { FirstTokenWait = TimeSpan.FromSeconds(0.2) } },
            (metadata, _) => metadata.Inject(Fault.Answer(500)));
        using var telemetry = new ProxyTelemetry(broker);

        Assert.Equal(503, (await broker.GetAsync("/acct/c/pattern-10")).Status);

        await Wait.UntilAsync(() => telemetry.Labels(Counted).Count == 1, Limit, "the request is counted");
        Assert.Equal(["account=acct operation=read status_class=5xx failed_by=sidecar"], telemetry.Labels(Counted));
        Assert.Empty(telemetry.Values(Overhead));
    }

    [Fact]
    public async Task Bytes_and_connections_to_storage_are_counted()
    {
        const int Length = 100_000;
        await using var broker = await RunningBroker.StartAsync();
        using var telemetry = new ProxyTelemetry(broker);

        Assert.Equal(200, (await broker.GetAsync($"/acct/c/pattern-{Length}")).Status);
        var upload = await broker.SendAsync("PUT /acct/c/b HTTP/1.1\r\nHost: HOST\r\nx-ms-version: 2021-12-02\r\nx-ms-blob-type: BlockBlob\r\n"
            + $"Content-Length: {Length}\r\n\r\n{new string('a', Length)}");
        Assert.Equal(201, upload.Status);

        foreach (var direction in new[] { "sent", "received" })
            Assert.InRange(telemetry.Values("tokenbroker.upstream.io", $"account=acct direction={direction}").Sum(), Length, Length + 4096);
        Assert.Equal(1, telemetry.Values("tokenbroker.upstream.connections", "account=acct").Sum());
        broker.Storage.AnswerNext(PlannedAnswer.Close, times: 5); // the first of them is tried again on a new connection
        await broker.GetAsync("/acct/c/pattern-10");
        await Wait.UntilAsync(() => telemetry.Values("tokenbroker.upstream.connections", "account=acct").Sum() == 0, Limit, "the connection is closed");
    }

    [Fact]
    public async Task Clock_that_is_off_is_measured_by_storages_date_and_said_once()
    {
        using var log = new CapturedLog();
        await using var broker = await RunningBroker.StartAsync(
            options => options with { LogLevel = LogLevel.Warning }, configure: services => services.AddSingleton<ILoggerProvider>(log));
        using var telemetry = new ProxyTelemetry(broker);
        broker.Storage.AnswerNext(new() { Headers = new Dictionary<string, string> { ["Date"] = TimeProvider.System.GetUtcNow().AddMinutes(-10).ToString("R") } }, times: 2);

        for (var i = 0; i < 2; i++)
            await broker.GetAsync("/acct/c/pattern-10");
        telemetry.Collect();
        await broker.GetAsync("/acct/c/pattern-10");
        telemetry.Collect();

        var measured = telemetry.Values("tokenbroker.clock.skew", "account=acct");
        Assert.InRange(measured[0], 595, 620);
        Assert.InRange(measured[1], -5, 5);
        Assert.Single(log.Lines, line => line.Contains("ahead of storage's clock, according to the answers of acct", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Trace_of_the_client_goes_on_through_the_request_to_storage_and_points_at_the_attempt_that_was_waited_for()
    {
        await using var broker = await RunningBroker.StartAsync(prepare: (metadata, _) => metadata.Inject(Fault.Answer(500)));
        using var telemetry = new ProxyTelemetry(broker);

        var waiting = broker.GetAsync("/acct/c/pattern-10", telemetry.TraceParent + "x-ms-client-request-id: mine/1\r\n");
        await Wait.UntilAsync(() => telemetry.Values(Waiting).Count == 1, Limit, "the request waits for a token");
        broker.Metadata.ClearFaults();
        var answer = await waiting;
        await Wait.UntilAsync(() => telemetry.Spans.Count() == 2, Limit, "both spans have ended");

        var request = Assert.Single(telemetry.Spans, span => span.Kind == ActivityKind.Server);
        var sending = Assert.Single(telemetry.Spans, span => span.Kind == ActivityKind.Client);
        Assert.Equal("00f067aa0ba902b7", request.ParentSpanId.ToString());
        Assert.Equal(request.SpanId, sending.ParentSpanId);
        Assert.Equal(["mine/1"], Assert.IsType<string[]>(request.GetTagItem("http.request.header.x-ms-client-request-id")));
        Assert.Equal([answer.Header("x-ms-request-id")], Assert.IsType<string[]>(request.GetTagItem("http.response.header.x-ms-request-id")));
        Assert.Equal(200, request.GetTagItem("http.response.status_code"));
        Assert.Equal(200, sending.GetTagItem("http.response.status_code"));
        Assert.Equal(broker.Storage.Address.Port, sending.GetTagItem("server.port"));
        var attempt = request.Links.Last().Context;
        Assert.Contains(telemetry.All, span => span.Context == attempt && "refreshed".Equals(span.GetTagItem("tokenbroker.token.outcome")));
        // Storage sees the client's own header, as any other.
        Assert.StartsWith($"00-{telemetry.Trace}-00f067aa0ba902b7", broker.Storage.Requests.All.Single().Header("traceparent"), StringComparison.Ordinal);
    }
}
