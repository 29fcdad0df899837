using TokenBroker.TestSupport.Network;
using TokenBroker.TestSupport.Requirements;
using TokenBroker.TestSupport.Storage;
using Xunit;

namespace TokenBroker.Tests.Functional;

/// <summary>A client that is still sending long after storage refused.</summary>
[Collection(nameof(LongTests))]
public class SlowUploadTests
{
    /// <summary>The server by itself reads on for 5 s after an answer, and then closes.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(8);

    [Fact, Long]
    public async Task Upload_that_storage_refused_may_take_longer_than_the_server_by_itself_would_read_on()
    {
        const int Length = 1024 * 1024;
        await using var broker = await RunningBroker.StartAsync();
        broker.Storage.AnswerNext(PlannedAnswer.Error(403, "AuthorizationFailure") with { ReadsBody = false, ClosesBehind = true });
        await using var connection = await RawConnection.OpenAsync(broker.Data);

        await connection.SendAsync($"PUT /acct/c/b HTTP/1.1\r\nHost: {broker.Data.Authority}\r\nx-ms-version: 2021-12-02\r\n"
            + $"x-ms-blob-type: BlockBlob\r\nContent-Length: {Length}\r\n\r\n");
        await connection.SendAsync(new byte[Length / 2]);
        Assert.Equal(403, (await connection.ReadResponseAsync()).Status);
        await Task.Delay(Pause, TestContext.Current.CancellationToken); // the time itself is what is tested
        await connection.SendAsync(new byte[Length / 2]);

        await connection.SendAsync($"GET /acct/c/pattern-7 HTTP/1.1\r\nHost: {broker.Data.Authority}\r\nx-ms-version: 2021-12-02\r\n\r\n");
        Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
    }
}
