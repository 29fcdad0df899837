using Microsoft.Extensions.DependencyInjection;
using TokenBroker.Limits;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Network;
using TokenBroker.TestSupport.Storage;
using Xunit;

namespace TokenBroker.Tests.Functional;

/// <summary>What requests and clients take is bounded in sum, given back in time, and no account or client takes it from the others.</summary>
public class SharedLimitTests
{
    private const int KiB = 1024;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Account_whose_storage_hangs_leaves_slots_for_the_others()
    {
        var never = new TaskCompletionSource();
        await using var broker = await RunningBroker.StartAsync(options => options with
        {
            MaxRequests = 8,
            Accounts = [.. options.Accounts, options.Accounts[0] with { Name = "other", Endpoint = Other(options.Accounts[0].Endpoint) }],
        });
        broker.Storage.Account("other").CreateContainer("c");
        broker.Storage.AnswerAll(PlannedAnswer.Hold(never.Task), when: request => request.RawTarget.Contains("/c/hangs", StringComparison.Ordinal));
        await using var hanging = new OpenConnections();
        for (var i = 0; i < 6; i++) // two reserved for each account, four shared
            await hanging.SendAsync(broker, "GET /acct/c/hangs HTTP/1.1\r\nHost: HOST\r\nx-ms-version: 2021-12-02\r\n\r\n");
        await Wait.UntilAsync(() => broker.Storage.Requests.Count == 6, Limit, "the share is in flight");

        var refused = await broker.GetAsync("/acct/c/pattern-10");
        Assert.Equal((503, "requests-of-account-too-many", "1"), (refused.Status, refused.Header("x-tokenbroker-reason"), refused.Header("Retry-After")));
        Assert.Equal(200, (await broker.GetAsync("/other/c/pattern-10")).Status);

        never.SetResult();
        await Wait.UntilAsync(async () => (await broker.GetAsync("/acct/c/pattern-10")).Status == 200, Limit, "the slots are free");
    }

    [Theory]
    [InlineData("PUT /acct/c/b", "x-ms-blob-type: BlockBlob\r\n")]
    [InlineData("POST /acct?comp=batch", "Content-Type: multipart/mixed; boundary=b\r\n")]
    public async Task Bodies_that_are_held_take_no_more_than_their_budget_and_give_it_back(string target, string headers)
    {
        await using var broker = await RunningBroker.StartAsync(options => options with { MaxBufferedBytes = 1024 * KiB });
        await using var clients = new OpenConnections();
        for (var i = 0; i < 3; i++)
            await clients.SendAsync(broker, Begin(target, headers) + Chunk(256 * KiB)); // and the pieces that are not full yet
        var budget = broker.Services.GetRequiredService<BufferedBytes>();
        await Wait.UntilAsync(() => budget.Used > 768 * KiB, Limit, "three bodies are held");

        await using var fourth = await RawConnection.OpenAsync(broker.Data);
        await fourth.SendAsync(Begin(target, headers, broker.Data.Authority) + Chunk(512 * KiB));
        var refused = await fourth.ReadResponseAsync();
        Assert.Equal((503, "buffers-full", "1"), (refused.Status, refused.Header("x-tokenbroker-reason"), refused.Header("Retry-After")));
        Assert.Equal(0, broker.Storage.Requests.Count);

        await clients.DisposeAsync();
        await Wait.UntilAsync(() => budget.Used == 0, Limit, "the budget is given back");
    }

    [Theory]
    [InlineData("PUT /acct/c/b", "x-ms-blob-type: BlockBlob\r\nTransfer-Encoding: chunked\r\n", "5\r\nhe", "body-timeout")]
    [InlineData("POST /acct?comp=batch", "Content-Type: multipart/mixed; boundary=b\r\nContent-Length: 1000\r\n", "--b\r\n", "body-timeout")]
    [InlineData("PUT /acct/c/b", "x-ms-blob-type: BlockBlob\r\nContent-Length: 1000\r\n", "half", "body-timeout")]
    public async Task Client_that_falls_silent_in_its_body_is_ended_and_its_slot_and_bytes_are_free(string target, string headers, string half, string reason)
    {
        await using var broker = await RunningBroker.StartAsync(options => options with
        {
            MaxRequests = 1,
            Upstream = options.Upstream with { ActivityTimeout = TimeSpan.FromSeconds(1) },
        });
        await using var silent = await RawConnection.OpenAsync(broker.Data);
        await silent.SendAsync($"{target} HTTP/1.1\r\nHost: {broker.Data.Authority}\r\nx-ms-version: 2021-12-02\r\n{headers}\r\n{half}");

        var refused = await silent.ReadResponseAsync();
        Assert.Equal((408, reason, "close"), (refused.Status, refused.Header("x-tokenbroker-reason"), refused.Header("Connection")));
        Assert.True(await silent.IsClosedByPeerAsync());
        Assert.Equal(0, broker.Services.GetRequiredService<BufferedBytes>().Used);
        await Wait.UntilAsync(async () => (await broker.GetAsync("/acct/c/pattern-10")).Status == 200, Limit, "the slot is free");
    }

    [Fact]
    public async Task Request_that_was_refused_after_admission_gives_its_slot_back_while_its_body_is_still_awaited()
    {
        await using var broker = await RunningBroker.StartAsync(options => options with { MaxRequests = 1 });
        await using var slow = await RawConnection.OpenAsync(broker.Data);
        await slow.SendAsync($"POST /acct?comp=batch HTTP/1.1\r\nHost: {broker.Data.Authority}\r\nx-ms-version: 2021-12-02\r\n"
            + "Content-Type: multipart/mixed; boundary=b\r\nContent-Length: 9000000\r\n\r\nhalf");
        Assert.Equal("batch-too-large", (await slow.ReadResponseAsync()).Header("x-tokenbroker-reason"));

        Assert.Equal(200, (await broker.GetAsync("/acct/c/pattern-10")).Status);
    }

    [Theory]
    [InlineData("GET /acct/c/b HTTP/1.1\r\nHost: HOST\r\nx-ms-version: 2021-12-02\r\n", "")] // half a head
    [InlineData("PUT /acct/c/b HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 10\r\n", "\r\n")] // refused, and the body does not come
    public async Task Heads_that_take_more_than_their_budget_close_the_longest_and_the_others_are_served(string start, string end)
    {
        const int Budget = 512 * KiB;
        await using var broker = await RunningBroker.StartAsync(configure: services =>
            services.AddSingleton(provider => EffectiveLimits.Of(provider.GetRequiredService<TokenBroker.Configuration.BrokerOptions>(), HostResources.Read()) with { HeadBytes = Budget }));
        var heads = broker.Services.GetRequiredService<ListenerLimits>().Heads;
        await using var standing = await RawConnection.OpenAsync(broker.Data);
        await standing.SendAsync($"GET /acct/c/pattern-10 HTTP/1.1\r\nHost: {broker.Data.Authority}\r\n"); // short, and incomplete
        await using var clients = new OpenConnections();
        var lines = string.Concat(Enumerable.Range(0, 48).Select(i => $"x-long-{i}: {new string('v', 1000)}\r\n"));

        for (var i = 0; i < 40; i++)
            await clients.SendAsync(broker, start + lines + end);

        await Wait.UntilAsync(() => clients.ClosedByPeer >= 40 - (Budget / (48 * KiB)), Limit, "what is beyond the budget is closed");
        Assert.True(heads.Held <= Budget, $"{heads.Held}");
        await standing.SendAsync("x-ms-version: 2021-12-02\r\n\r\n");
        Assert.Equal(200, (await standing.ReadResponseAsync()).Status);
        Assert.Equal(200, (await broker.GetAdminAsync("/health/ready")).Status);
        await clients.DisposeAsync();
        await Wait.UntilAsync(() => heads.Held == 0, Limit, "the budget is given back");
    }

    [Fact]
    public async Task Admin_listener_takes_short_heads_and_few_connections_and_still_answers()
    {
        await using var broker = await RunningBroker.StartAsync();
        await using var clients = new OpenConnections();
        for (var i = 0; i < 3 * EffectiveLimits.MaxAdminConnections; i++)
            await clients.SendAsync(broker.Admin, "GET /health/ready HTTP/1.1\r\n");

        // Accepted connections are counted side by side: one that comes among the others may count as older than some of them.
        await Wait.UntilAsync(() => clients.ClosedByPeer >= 2 * EffectiveLimits.MaxAdminConnections, Limit, "the oldest are closed");
        Assert.Equal(200, (await broker.GetAdminAsync("/health/live")).Status);
        await Assert.ThrowsAnyAsync<IOException>(() => broker.GetAdminAsync("/health/live", $"x-long: {new string('v', 20 * KiB)}\r\n"));
    }

    [Fact]
    public async Task Admin_client_that_sends_nothing_is_closed()
    {
        await using var broker = await RunningBroker.StartAsync(configure: services => services.AddSingleton(provider =>
        {
            var limits = new ListenerLimits(provider.GetRequiredService<EffectiveLimits>());
            return limits with { Admin = limits.Admin with { MaxSilence = TimeSpan.FromSeconds(0.5) } };
        }));
        await using var silent = await RawConnection.OpenAsync(broker.Admin);

        Assert.True(await silent.IsClosedByPeerAsync());
    }

    private static Uri Other(Uri endpoint) => new(endpoint.AbsoluteUri.Replace("acct", "other", StringComparison.Ordinal));

    private static string Begin(string target, string headers, string host = "HOST") =>
        $"{target} HTTP/1.1\r\nHost: {host}\r\nx-ms-version: 2021-12-02\r\n{headers}Transfer-Encoding: chunked\r\n\r\n";

    private static string Chunk(int size) => $"{size:x}\r\n{new string('x', size)}\r\n";
}
