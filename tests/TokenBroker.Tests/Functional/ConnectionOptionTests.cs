using System.Text;
using TokenBroker.Hosting.Listening;
using TokenBroker.TestSupport.Network;
using Xunit;

namespace TokenBroker.Tests.Functional;

/// <summary>
/// What a client may say about its connection. An offer of another protocol is ignored and goes no further; the client's own
/// wish to close is kept; any other option is refused, also beside one that the server knows.
/// </summary>
public class ConnectionOptionTests
{
    private static readonly string[] NeverSent = ["Upgrade", "HTTP2-Settings", "Connection", "Keep-Alive", "TE"];

    private static readonly byte[] Body = Encoding.ASCII.GetBytes(new string('x', 100_000));

    public static TheoryData<string> Offers =>
    [
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\n", // Java, curl
        "Connection: Upgrade\r\nUpgrade: TLS/1.2\r\n", // Apache HttpClient
        "Upgrade: TLS/1.2\r\n",
        "connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n",
        "Connection: keep-alive, Upgrade\r\nUpgrade: SPDY/3.1\r\nKeep-Alive: timeout=5\r\n",
        "Connection: Upgrade\r\nConnection: HTTP2-Settings\r\nUpgrade: h2c, websocket\r\nHTTP2-Settings: AAMAAABk\r\n",
        "Connection: TE,,Upgrade ,\tkeep-alive\r\nTE: trailers\r\nUpgrade: h2c\r\n",
        "Connection: \r\n",
    ];

    [Theory]
    [MemberData(nameof(Offers))]
    public async Task Offer_of_another_protocol_is_ignored_and_nothing_of_it_reaches_storage(string offer)
    {
        await using var broker = await RunningBroker.StartAsync();
        await using var connection = await RawConnection.OpenAsync(broker.Data);
        var head = $"Host: {broker.Data.Authority}\r\nx-ms-version: 2021-12-02\r\n{offer}";

        // One connection for all: none of them may end it, or leave a byte of a body behind.
        foreach (var framing in new[] { "length", "chunked" })
        {
            await connection.SendAsync($"PUT /acct/c/b HTTP/1.1\r\n{head}x-ms-blob-type: BlockBlob\r\n"
                + (framing == "length" ? $"Content-Length: {Body.Length}\r\n\r\n" : $"Transfer-Encoding: chunked\r\n\r\n{Body.Length:x}\r\n"));
            await connection.SendAsync(Body);
            if (framing == "chunked")
                await connection.SendAsync("\r\n0\r\n\r\n");
            Assert.Equal(201, (await connection.ReadResponseAsync()).Status);
        }

        await connection.SendAsync($"GET /acct/c/b HTTP/1.1\r\n{head}\r\n");
        var read = await connection.ReadResponseAsync();
        Assert.Equal((200, Body.Length), (read.Status, read.Body.Length));
        await connection.SendAsync($"DELETE /acct/c/b HTTP/1.1\r\n{head}\r\n");
        Assert.Equal(202, (await connection.ReadResponseAsync()).Status);
        Assert.Equal(4, broker.Storage.Requests.Count);
        await Task.WhenAll(broker.Storage.Requests.All.Select(seen => seen.Done)).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.All(broker.Storage.Requests.All, seen => Assert.All(NeverSent, name => Assert.Null(seen.Header(name))));
        Assert.All(broker.Storage.Requests.All.Take(2), seen => Assert.Equal(Body.Length, seen.BodyLength));
    }

    /// <summary>The forwarder would pass a WebSocket's offer on, and read no body, if the server took the request for one.</summary>
    [Theory]
    [InlineData("Upgrade")]
    [InlineData("keep-alive, UPGRADE")]
    public void Server_never_takes_a_request_for_an_upgrade(string value) =>
        Assert.DoesNotContain("upgrade", RequestHeaderText.EncodingOf("Connection").GetString(Encoding.Latin1.GetBytes(value)), StringComparison.OrdinalIgnoreCase);

    /// <summary>The header is read before anything is known of the caller.</summary>
    [Theory]
    [InlineData("a,")]
    [InlineData("TE,")]
    [InlineData(",")]
    [InlineData("close, keep-alive, a, ")]
    public void Long_header_costs_little_and_becomes_short(string options)
    {
        var sent = Encoding.Latin1.GetBytes(string.Concat(Enumerable.Repeat(options, 60_000 / options.Length)));
        var encoding = RequestHeaderText.EncodingOf("Connection");
        encoding.GetString(sent.AsSpan());
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.InRange(encoding.GetString(sent.AsSpan()).Length, 0, 40);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10 * sent.Length);
    }

    [Theory]
    [InlineData("Connection: close\r\n")]
    [InlineData("Connection: Upgrade, close\r\nUpgrade: h2c\r\n")]
    [InlineData("Connection: Upgrade\r\nConnection: TE, Close\r\nUpgrade: h2c\r\n")]
    public async Task Connection_is_closed_where_the_client_asks_for_it(string headers)
    {
        await using var broker = await RunningBroker.StartAsync();
        await using var connection = await RawConnection.OpenAsync(broker.Data);

        await connection.SendAsync($"GET /acct/c/pattern-10 HTTP/1.1\r\nHost: {broker.Data.Authority}\r\nx-ms-version: 2021-12-02\r\n{headers}\r\n");

        Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
        Assert.True(await connection.IsClosedByPeerAsync());
    }

    [Theory]
    [InlineData("Connection: close, x-ms-version")]
    [InlineData("Connection: x-ms-version, close")]
    [InlineData("Connection: keep-alive, x-ms-if-tags")]
    [InlineData("Connection: Upgrade, x-ms-date\r\nUpgrade: h2c")]
    [InlineData("Connection: close\r\nConnection: x-ms-version")]
    [InlineData("Connection: x-ms-version\r\nConnection: keep-alive")]
    [InlineData("Connection: Authorization")]
    [InlineData("Connection: keep-alive, If-Match")]
    [InlineData("Connection: close;q=1")]
    [InlineData("Connection: close x-ms-version")]
    [InlineData("Connection: close, \u00e9")]
    [InlineData("Connection: close, a\u0001b")]
    public async Task Option_that_names_any_other_header_is_refused_beside_known_ones_too(string headers)
    {
        await using var broker = await RunningBroker.StartAsync();
        await using var connection = await RawConnection.OpenAsync(broker.Data);

        await connection.SendAsync($"GET /acct/c/pattern-10 HTTP/1.1\r\nHost: {broker.Data.Authority}\r\nx-ms-version: 2021-12-02\r\n{headers}\r\n\r\n");

        var answer = await connection.ReadResponseAsync();
        Assert.Equal((400, "connection-header"), (answer.Status, answer.Header("x-tokenbroker-reason")));
        Assert.True(await connection.IsClosedByPeerAsync()); // it may have asked for that
        Assert.Equal(0, broker.Storage.Requests.Count);
    }

    [Fact]
    public async Task Known_value_on_one_request_does_not_cover_the_next_of_the_connection()
    {
        await using var broker = await RunningBroker.StartAsync();
        await using var connection = await RawConnection.OpenAsync(broker.Data);
        foreach (var (value, status) in new[] { ("keep-alive", 200), ("keep-alive, x-ms-version", 400) })
        {
            await connection.SendAsync($"GET /acct/c/pattern-10 HTTP/1.1\r\nHost: {broker.Data.Authority}\r\nx-ms-version: 2021-12-02\r\nConnection: {value}\r\n\r\n");
            Assert.Equal(status, (await connection.ReadResponseAsync()).Status);
        }
    }
}
