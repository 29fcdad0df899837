using System.Diagnostics;
using TokenBroker.Imds.Faults;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Network;
using TokenBroker.TestSupport.Storage;
using Xunit;

namespace TokenBroker.Tests.Functional;

/// <summary>What the histogram of the time that the sidecar adds to a request includes, and what it leaves out.</summary>
public class AddedTimeTests
{
    private const string Overhead = "tokenbroker.proxy.overhead";
    private const string Waiting = "tokenbroker.proxy.waiting_requests";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Each_forwarded_request_is_one_sample_and_one_that_is_refused_or_sent_twice_is_none()
    {
        await using var broker = await RunningBroker.StartAsync();
        using var telemetry = new ProxyTelemetry(broker);

        Assert.Equal(200, (await broker.GetAsync("/acct/c/pattern-10")).Status);
        broker.Storage.AnswerNext(PlannedAnswer.Reset);
        Assert.Equal(200, (await broker.GetAsync("/acct/c/pattern-10")).Status);
        Assert.Equal(403, (await broker.GetAsync("/acct/c/pattern-10", "Origin: http://evil.example\r\n")).Status);
        Assert.Equal(404, (await broker.GetAsync("/acct/c/absent")).Status);

        await Wait.UntilAsync(() => telemetry.Values("tokenbroker.proxy.requests").Count == 4 && telemetry.Values(Overhead).Count >= 2, Limit, "all are measured");
        Assert.Single(telemetry.Values("tokenbroker.upstream.retries", "reason=connection-lost"));
        Assert.Equal(["account=acct", "account=acct"], telemetry.Labels(Overhead));
    }

    [Fact]
    public async Task Added_time_has_neither_storages_time_nor_a_wait_for_a_token()
    {
        var storages = TimeSpan.FromSeconds(1);
        await using var broker = await RunningBroker.StartAsync(prepare: (metadata, _) => metadata.Inject(Fault.Answer(500)));
        using var telemetry = new ProxyTelemetry(broker);
        broker.Storage.AnswerAll(new() { Delay = storages });

        var waiting = broker.GetAsync("/acct/c/pattern-10");
        await Wait.UntilAsync(() => telemetry.Values(Waiting).Count == 1, Limit, "the request waits for a token");
        await PauseAsync(storages);
        broker.Metadata.ClearFaults();
        Assert.Equal(200, (await waiting).Status);

        await Wait.UntilAsync(() => telemetry.Values(Overhead).Count == 1, Limit, "the request is measured");
        var waited = Assert.Single(telemetry.Values("tokenbroker.proxy.token_wait"));
        Assert.Equal([1, -1], telemetry.Values(Waiting));
        AssertApart(telemetry, storages.TotalSeconds + waited);
    }

    [Fact]
    public async Task Added_time_has_no_wait_for_the_rest_of_a_body_that_is_gathered()
    {
        await using var broker = await RunningBroker.StartAsync();
        using var telemetry = new ProxyTelemetry(broker);
        Assert.Equal(201, (await UploadAsync(TimeSpan.Zero)).Status); // and now everything is compiled
        await ForgetAsync(telemetry);
        var pause = TimeSpan.FromSeconds(2);

        Assert.Equal(201, (await UploadAsync(pause)).Status);

        await Wait.UntilAsync(() => telemetry.Values(Overhead).Count == 1, Limit, "the request is measured");
        AssertApart(telemetry, pause.TotalSeconds / 2); // the other half is for a busy machine

        async Task<RawResponse> UploadAsync(TimeSpan between)
        {
            await using var connection = await RawConnection.OpenAsync(broker.Data);
            await connection.SendAsync($"PUT /acct/c/b HTTP/1.1\r\nHost: {broker.Data.Authority}\r\nx-ms-version: 2021-12-02\r\n"
                + "x-ms-blob-type: BlockBlob\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
            await PauseAsync(between);
            await connection.SendAsync("0\r\n\r\n");
            return await connection.ReadResponseAsync();
        }
    }

    [Fact]
    public async Task Added_time_ends_when_the_response_starts()
    {
        var (storages, clients) = (TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1));
        await using var broker = await RunningBroker.StartAsync();
        using var telemetry = new ProxyTelemetry(broker);
        Assert.Equal(200, (await broker.GetAsync("/acct/c/pattern-10")).Status); // and now everything is compiled
        await ForgetAsync(telemetry);
        broker.Storage.AnswerAll(new() { Delay = storages });
        await using var connection = await RawConnection.OpenAsync(broker.Data);

        await SendAsync("GET /acct/c/pattern-20000000", ""); // more than any buffer takes
        await PauseAsync(storages + clients);
        Assert.Equal(20_000_000, (await connection.ReadResponseAsync()).Body.Length);
        await SendAsync("PUT /acct/c/b", "x-ms-blob-type: BlockBlob\r\nExpect: 100-continue\r\nContent-Length: 100000\r\n");
        Assert.Equal(100, (await connection.ReadResponseAsync()).Status); // sent to the client before storage has answered
        await connection.SendAsync(new string('a', 100_000));
        Assert.Equal(201, (await connection.ReadResponseAsync()).Status);
        await SendAsync("HEAD /acct/c/pattern-10", "");
        Assert.Equal(200, (await connection.ReadResponseAsync(toHead: true)).Status);
        await SendAsync("GET /acct/c/pattern-10", "");
        Assert.Equal(200, (await connection.ReadResponseAsync()).Status);

        await Wait.UntilAsync(() => telemetry.Values(Overhead).Count == 4, Limit, "all are measured");
        var theirs = new[] { storages + (clients / 2), storages, storages, storages }.Select(time => time.TotalSeconds - 0.05); // a timer may be early, and what begins may lag
        foreach (var ((duration, added), apart) in telemetry.Values("tokenbroker.proxy.request.duration").Zip(telemetry.Values(Overhead)).Zip(theirs))
            Assert.InRange(added, 1e-6, duration - apart);

        Task SendAsync(string target, string headers) =>
            connection.SendAsync($"{target} HTTP/1.1\r\nHost: {broker.Data.Authority}\r\nx-ms-version: 2021-12-02\r\n{headers}\r\n");
    }

    /// <summary>Forgets the one request so far, once all of it is measured: the last of it is after its answer.</summary>
    private static async Task ForgetAsync(ProxyTelemetry telemetry)
    {
        await Wait.UntilAsync(() => telemetry.Values(Overhead).Count == 1, Limit, "the request is measured");
        telemetry.Clear();
    }

    /// <summary>Of the one request's duration, at least so much is not said to be added: a timer may be a few milliseconds early.</summary>
    private static void AssertApart(ProxyTelemetry telemetry, double seconds)
    {
        var (duration, added) = (Assert.Single(telemetry.Values("tokenbroker.proxy.request.duration")), Assert.Single(telemetry.Values(Overhead)));
        Assert.InRange(added, 1e-6, duration - seconds + 0.05);
    }

    private static Task PauseAsync(TimeSpan time)
    {
        var since = Stopwatch.StartNew();
        return Wait.UntilAsync(() => since.Elapsed >= time, Limit, "the client's pause");
    }
}
