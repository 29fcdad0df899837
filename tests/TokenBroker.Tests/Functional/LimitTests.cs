using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Network;
using Xunit;

namespace TokenBroker.Tests.Functional;

/// <summary>What one sidecar takes at once is bounded, and who is beyond the bound is told so or closed.</summary>
public class LimitTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Request_beyond_those_in_flight_is_told_to_come_back_and_gets_through_when_one_has_ended()
    {
        await using var broker = await RunningBroker.StartAsync(options => options with { MaxRequests = 2 });
        await using var first = await BeginUploadAsync(broker, "first");
        await using var second = await BeginUploadAsync(broker, "second");
        await Wait.UntilAsync(() => broker.Storage.Requests.Count == 2, Limit, "both uploads reach storage");

        var refused = await broker.GetAsync("/acct/c/pattern-10");

        Assert.Equal(503, refused.Status);
        Assert.Equal("requests-too-many", refused.Header("x-tokenbroker-reason"));
        Assert.Equal("1", refused.Header("Retry-After"));
        Assert.Equal(2, broker.Storage.Requests.Count);

        await first.SendAsync("end");
        Assert.Equal(201, (await first.ReadResponseAsync()).Status);
        // Its place is free once its end was measured, a moment after its answer.
        await Wait.UntilAsync(async () => (await broker.GetAsync("/acct/c/pattern-10")).Status == 200, Limit, "a place is free");
        await second.SendAsync("end");
        Assert.Equal(201, (await second.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task Who_may_not_ask_is_told_that_whatever_is_in_flight()
    {
        await using var broker = await RunningBroker.StartAsync(options => options with { MaxRequests = 1 });
        await using var first = await BeginUploadAsync(broker, "first");
        await Wait.UntilAsync(() => broker.Storage.Requests.Count == 1, Limit, "the upload reaches storage");

        Assert.Equal("browser-request", (await broker.GetAsync("/acct/c/b", "Origin: http://evil.example\r\n")).Header("x-tokenbroker-reason"));
    }

    [Fact]
    public async Task Who_is_refused_takes_up_no_place_however_slowly_it_reads_that()
    {
        await using var broker = await RunningBroker.StartAsync(options => options with { MaxRequests = 1 });
        await using var stranger = await RawConnection.OpenAsync(broker.Data);
        await stranger.SendAsync("PUT /acct/c/b HTTP/1.1\r\nHost: evil.example\r\nx-ms-version: 2021-12-02\r\nContent-Length: 100\r\n\r\n");
        Assert.Equal("host-not-allowed", (await stranger.ReadResponseAsync()).Header("x-tokenbroker-reason"));

        // Its body is still waited for.
        Assert.Equal(200, (await broker.GetAsync("/acct/c/pattern-10")).Status);
    }

    [Fact]
    public async Task Connection_beyond_the_bound_is_closed_and_the_others_go_on()
    {
        await using var broker = await RunningBroker.StartAsync(options => options with { MaxConnections = 1 });
        await using var first = await BeginUploadAsync(broker, "first");
        await Wait.UntilAsync(() => broker.Storage.Requests.Count == 1, Limit, "the upload reaches storage");

        await Assert.ThrowsAnyAsync<IOException>(() => broker.GetAsync("/acct/c/pattern-10"));

        await first.SendAsync("end");
        Assert.Equal(201, (await first.ReadResponseAsync()).Status);
        Assert.Equal(1, broker.Storage.Requests.Count);
    }

    private static async Task<RawConnection> BeginUploadAsync(RunningBroker broker, string name)
    {
        var connection = await RawConnection.OpenAsync(broker.Data);
        await connection.SendAsync($"PUT /acct/c/{name} HTTP/1.1\r\nHost: {broker.Data.Authority}\r\nx-ms-version: 2021-12-02\r\n"
            + "x-ms-blob-type: BlockBlob\r\nContent-Length: 3\r\n\r\n");
        return connection;
    }
}
