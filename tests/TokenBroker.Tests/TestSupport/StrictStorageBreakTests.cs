using System.Net.Sockets;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Network;
using TokenBroker.TestSupport.Storage;
using Xunit;

namespace TokenBroker.Tests.TestSupport;

/// <summary>The stub breaks a connection off where a test plans it, by a reset or in order, and the client can tell which.</summary>
public sealed class StrictStorageBreakTests : StubTestBase
{
    private const long Length = 300_000_000;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Connection_ends_before_the_headers(bool closes)
    {
        Storage.AnswerNext(closes ? PlannedAnswer.Close : PlannedAnswer.Reset);
        using var client = await ConnectAsync();
        await client.SendAsync("GET /acct/c/pattern-1 HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());

        var (received, wasReset) = await DrainAsync(client);

        Assert.Equal((0, !closes), (received, wasReset));
        await AssertBrokenOffAsync(status: 0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Connection_ends_in_the_middle_of_a_download(bool closes)
    {
        Storage.AnswerNext(new PlannedAnswer { ResetAfterResponseBytes = 1_000_000, Closes = closes });
        using var client = await ConnectAsync();
        await client.SendAsync(System.Text.Encoding.Latin1.GetBytes(
            $"GET /acct/c/pattern-{Length} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {Token}\r\nx-ms-version: 2021-12-02\r\n\r\n"));

        var (received, wasReset) = await DrainAsync(client);

        // A reset may overtake bytes that are under way; an end may not.
        Assert.Equal(!closes, wasReset);
        Assert.InRange(received, closes ? 1_000_000 : 0, 1_010_000);
        await AssertBrokenOffAsync(status: 200);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Connection_ends_in_the_middle_of_an_upload(bool closes)
    {
        Storage.AnswerNext(new PlannedAnswer { ResetAfterRequestBytes = 1_000_000, Closes = closes });
        using var client = await ConnectAsync();
        await client.SendAsync(System.Text.Encoding.Latin1.GetBytes(
            $"PUT /acct/c/b HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {Token}\r\nx-ms-version: 2021-12-02\r\nx-ms-blob-type: BlockBlob\r\nContent-Length: {Length}\r\n\r\n"));
        await client.SendAsync(new byte[1_500_000]);

        var (received, wasReset) = await DrainAsync(client);

        Assert.Equal((0, !closes), (received, wasReset));
        await AssertBrokenOffAsync(status: 0);
        Assert.InRange(Storage.Requests.All[0].BodyLength, 1_000_000, 1_500_000);
        Assert.Null(Account.Blob("c", "b"));
    }

    [Fact]
    public async Task Planned_headers_stand_in_an_answer_that_is_served()
    {
        Storage.AnswerNext(new PlannedAnswer { Headers = new Dictionary<string, string> { ["X-Unknown"] = "\u00FC", ["Server"] = "Other/1.0" } });

        var response = await SendAsync("GET", "/acct/c/pattern-5");

        Assert.Equal((200, "\u00FC", "Other/1.0", 5), (response.Status, response.Header("X-Unknown"), response.Header("Server"), response.Body.Length));
    }

    [Fact]
    public async Task Answer_carries_the_headers_of_every_answer_of_storage()
    {
        var response = await SendAsync("GET", "/acct/c/pattern-5");

        Assert.Equal("Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0", response.Header("Server"));
        Assert.True(DateTimeOffset.TryParse(response.Header("Date"), System.Globalization.CultureInfo.InvariantCulture, out _));
        Assert.True(Guid.TryParse(response.Header("x-ms-request-id"), out _));
    }

    [Fact]
    public async Task Upload_of_256_MiB_is_hashed_and_let_go()
    {
        const long length = 256 * 1024 * 1024;
        await using var connection = await RawConnection.OpenAsync(Storage.Address);
        await connection.SendAsync($"PUT /acct/c/b HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {Token}\r\nx-ms-version: 2021-12-02\r\nx-ms-blob-type: BlockBlob\r\nContent-Length: {length}\r\n\r\n");
        var buffer = new byte[1024 * 1024];
        for (long sent = 0; sent < length; sent += buffer.Length)
        {
            Pattern.Fill(buffer, sent);
            await connection.SendAsync(buffer);
        }

        Assert.Equal(201, (await connection.ReadResponseAsync()).Status);
        Assert.Equal(Pattern.Sha256(length), Storage.Requests.All[0].BodySha256);
        Assert.Equal(length, Account.Blob("c", "b")!.Length);
        Assert.Null(Account.Blob("c", "b")!.ToArray());
    }

    private async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(Storage.Address.Host, Storage.Address.Port);
        return socket;
    }

    // How many bytes came, and whether the end was a reset. Ends its own side then, as clients do.
    private static async Task<(long Received, bool WasReset)> DrainAsync(Socket socket)
    {
        using var timer = new CancellationTokenSource(Limit);
        var buffer = new byte[64 * 1024];
        long received = 0;
        try
        {
            while (await socket.ReceiveAsync(buffer, timer.Token) is > 0 and var count)
                received += count;
            return (received, false);
        }
        catch (SocketException fault) when (fault.SocketErrorCode == SocketError.ConnectionReset)
        {
            return (received, true);
        }
        finally
        {
            socket.Dispose();
        }
    }

    private async Task AssertBrokenOffAsync(int status)
    {
        var request = Storage.Requests.All[0];
        await request.Done.WaitAsync(Limit);
        Assert.Equal((true, status), (request.Aborted, request.Status));
        await Wait.UntilAsync(() => Storage.OpenConnections == 0, Limit, "all connections closed");
    }
}
