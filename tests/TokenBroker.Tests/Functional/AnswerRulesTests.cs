using System.Buffers;
using System.Text;
using TokenBroker.TestSupport.Network;
using Xunit;

namespace TokenBroker.Tests.Functional;

/// <summary>Answers that no storage should give, byte for byte: what can be relayed is, and the rest has its reason.</summary>
public class AnswerRulesTests
{
    [Theory]
    [InlineData("204 No Content\r\nContent-Length: 5\r\n", 204)]
    [InlineData("204 No Content\r\nContent-Length: 0\r\n", 204)]
    [InlineData("204 No Content\r\nTransfer-Encoding: chunked\r\n", 204)]
    [InlineData("205 Reset Content\r\nContent-Length: 5\r\n", 205, "hello")]
    [InlineData("205 Reset Content\r\nContent-Length: 0\r\n", 205)]
    [InlineData("205 Reset Content\r\nTransfer-Encoding: chunked\r\n", 205, "5\r\nhello\r\n0\r\n\r\n")]
    [InlineData("304 Not Modified\r\nContent-Length: 5\r\n", 304)]
    [InlineData("304 Not Modified\r\nTransfer-Encoding: chunked\r\n", 304)]
    [InlineData("103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n", 200)]
    [InlineData("299 Unheard Of\r\nContent-Length: 0\r\n", 299)]
    [InlineData("799 Unheard Of\r\nContent-Length: 0\r\n", 799)]
    public async Task Answer_is_relayed_without_what_contradicts_its_status(string answer, int status, string body = "")
    {
        await using var storage = await AnsweringAsync($"HTTP/1.1 {answer}x-ms-request-id: storages-own\r\n\r\n{body}");
        await using var broker = await BrokerAsync(storage);

        var response = await broker.GetAsync("/acct/c/b");

        Assert.Equal((status, "storages-own", 0), (response.Status, response.Header("x-ms-request-id"), response.Body.Length));
        Assert.Null(response.Header("x-tokenbroker-reason"));
    }

    [Theory]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n")]
    [InlineData("HTTP/1.1 099 Too Low\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nx-ms-meta-a: \u0001\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nname with spaces: a\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: ten\r\n\r\n0123456789")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n01")]
    [InlineData("SSH-2.0-OpenSSH_9.6\r\n")]
    public async Task Answer_that_cannot_be_relayed_is_a_503_that_says_so(string answer)
    {
        await using var storage = await AnsweringAsync(answer);
        await using var broker = await BrokerAsync(storage);

        AssertInvalid(await broker.GetAsync("/acct/c/b"));
    }

    [Fact]
    public async Task Headers_are_relayed_up_to_a_limit_and_longer_ones_are_a_503_that_says_so()
    {
        var answer = "";
        await using var storage = await AnsweringAsync(() => $"HTTP/1.1 200 OK\r\n{answer}Content-Length: 0\r\n\r\n");
        await using var broker = await BrokerAsync(storage);

        answer = string.Concat(Enumerable.Range(0, 100).Select(at => $"x-ms-meta-n{at}: {new string('a', 1000)}\r\n"));
        Assert.Equal((200, new string('a', 1000)), (await broker.GetAsync("/acct/c/b") is var full ? full.Status : 0, full.Header("x-ms-meta-n99")));

        answer += answer;
        AssertInvalid(await broker.GetAsync("/acct/c/b"));
    }

    [Fact]
    public async Task Only_the_sidecar_says_something_of_itself()
    {
        await using var storage = await AnsweringAsync(
            "HTTP/1.1 403 Forbidden\r\nX-TokenBroker-Reason: peer-not-loopback\r\nx-tokenbroker-anything: a\r\nx-ms-request-id: id\r\nContent-Length: 0\r\n\r\n");
        await using var broker = await BrokerAsync(storage);

        var response = await broker.GetAsync("/acct/c/b");

        Assert.Equal((403, "id"), (response.Status, response.Header("x-ms-request-id")));
        Assert.DoesNotContain(response.Headers, header => header.Key.StartsWith("x-tokenbroker", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Storage_is_sent_no_header_of_the_sidecars_own()
    {
        await using var broker = await RunningBroker.StartAsync();

        Assert.Equal(200, (await broker.GetAsync("/acct/c/pattern-1", "X-TokenBroker-Reason: a\r\nx-tokenbroker-b: c\r\n")).Status);

        Assert.DoesNotContain(Assert.Single(broker.Storage.Requests.All).Headers,
            header => header.Key.StartsWith("x-tokenbroker", StringComparison.OrdinalIgnoreCase));
    }

    private static void AssertInvalid(RawResponse response)
    {
        Assert.Equal((503, "upstream-answer-invalid", "1"), (response.Status, response.Header("x-tokenbroker-reason"), response.Header("Retry-After")));
        Assert.Contains("is not valid HTTP/1.1, or its headers are longer than", response.Text, StringComparison.Ordinal);
    }

    private static Task<RunningBroker> BrokerAsync(LoopbackServer storage) => RunningBroker.StartAsync(options =>
        options with { Accounts = [new() { Name = "acct", Endpoint = new(storage.Address, "/acct") }] });

    private static Task<LoopbackServer> AnsweringAsync(string answer) => AnsweringAsync(() => answer);

    /// <summary>Answers the first request of each connection, and closes it.</summary>
    private static Task<LoopbackServer> AnsweringAsync(Func<string> answer) => LoopbackServer.StartBareAsync(async connection =>
    {
        while (true)
        {
            var read = await connection.Transport.Input.ReadAsync();
            if (read.Buffer.ToArray().AsSpan().IndexOf("\r\n\r\n"u8) >= 0)
                break;
            if (read.IsCompleted)
                return;
            connection.Transport.Input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }

        await connection.Transport.Output.WriteAsync(Encoding.Latin1.GetBytes(answer()));
    });
}
