using TokenBroker.Imds.Faults;
using TokenBroker.TestSupport.Network;
using TokenBroker.TestSupport.Storage;
using Xunit;

namespace TokenBroker.Tests.Functional;

/// <summary>A client that asks with <c>Expect: 100-continue</c> is told to go on when storage wants the body, and else gets the refusal alone.</summary>
public class ExpectContinueTests
{
    private const int Longer = 200_000;

    [Theory]
    [InlineData(100)]
    [InlineData(Longer)]
    public async Task Body_that_storage_wants_is_asked_for_and_stored(int length)
    {
        await using var broker = await RunningBroker.StartAsync();
        await using var connection = await AskAsync(broker, length);

        Assert.Equal("HTTP/1.1 100 Continue", (await connection.ReadResponseAsync()).StatusLine);
        var seen = Assert.Single(broker.Storage.Requests.All);
        Assert.Equal((0, "100-continue"), (seen.BodyLength, seen.Header("Expect")));
        await connection.SendAsync(new byte[length]);

        Assert.Equal(201, (await connection.ReadResponseAsync()).Status);
        Assert.Equal(length, seen.BodyLength);
    }

    [Theory]
    [InlineData(5000)]
    [InlineData(Longer)]
    public async Task Body_that_storage_refuses_by_its_headers_is_never_asked_for(int length)
    {
        await using var broker = await RunningBroker.StartAsync();
        await broker.GetAsync("/acct/c/pattern-1");
        broker.Storage.AnswerAll(PlannedAnswer.Error(403, "AuthorizationFailure") with { ReadsBody = false });

        await AssertRefusedAsync(broker, length, 403, reason: null);
    }

    [Fact]
    public async Task Body_of_a_request_that_the_sidecar_refuses_is_never_asked_for()
    {
        await using var broker = await RunningBroker.StartAsync();

        await AssertRefusedAsync(broker, Longer, 400, "dot-segment", "/acct/c/../b");
        Assert.Equal(0, broker.Storage.Requests.Count);
    }

    [Fact]
    public async Task Body_of_a_request_without_a_token_is_never_asked_for()
    {
        await using var broker = await RunningBroker.StartAsync(
            options => options with { Tokens = options.Tokens with { FirstTokenWait = TimeSpan.FromMilliseconds(100) } },
            (metadata, _) => metadata.Inject(Fault.Answer(500, TimeSpan.FromMinutes(1))));
        await broker.Metadata.WaitForRequestsAsync(1, TestContext.Current.CancellationToken);

        await AssertRefusedAsync(broker, Longer, 503, reason: null);
        Assert.Equal(0, broker.Storage.Requests.Count);
    }

    private static async Task AssertRefusedAsync(RunningBroker broker, int length, int status, string? reason, string target = "/acct/c/b")
    {
        await using var connection = await AskAsync(broker, length, target);

        var refusal = await connection.ReadResponseAsync();

        Assert.Equal(status, refusal.Status);
        Assert.True(refusal.Body.Length > 0);
        // Else the next request could be taken for the body, or the body for the next request.
        Assert.Equal("close", refusal.Header("Connection"));
        if (reason is not null)
            Assert.Equal(reason, refusal.Header("x-tokenbroker-reason"));
        Assert.True(await connection.IsClosedByPeerAsync(), "something follows the refusal");
    }

    private static async Task<RawConnection> AskAsync(RunningBroker broker, int length, string target = "/acct/c/b")
    {
        var connection = await RawConnection.OpenAsync(broker.Data);
        await connection.SendAsync($"PUT {target} HTTP/1.1\r\nHost: {broker.Data.Authority}\r\nx-ms-version: 2021-12-02\r\n"
            + $"x-ms-blob-type: BlockBlob\r\nExpect: 100-continue\r\nContent-Length: {length}\r\n\r\n");
        return connection;
    }
}
