using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Network;
using TokenBroker.TestSupport.Storage;
using Xunit;

namespace TokenBroker.Tests.Functional;

/// <summary>A client that goes away, or sends less than it promised, ends its request at storage as well.</summary>
public class AbortedClientTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Client_that_dies_in_the_middle_of_a_download_ends_storages_sending()
    {
        const long Length = 256 * 1024 * 1024;
        await using var broker = await RunningBroker.StartAsync();
        await using var connection = await RawConnection.OpenAsync(broker.Data);
        await connection.SendAsync($"GET /acct/c/pattern-{Length} HTTP/1.1\r\nHost: {broker.Data.Authority}\r\nx-ms-version: 2021-12-02\r\n\r\n");
        var seen = await broker.Storage.Requests.FirstAsync(_ => true, Limit);
        await Wait.UntilAsync(() => seen.SentLength > 0, Limit, "storage sends");

        connection.Reset();

        await seen.Done.WaitAsync(Limit);
        Assert.True(seen.Aborted);
        Assert.True(seen.SentLength < Length);
        await Wait.UntilAsync(() => broker.Storage.OpenConnections == 0, Limit, "the connection to storage is closed");
    }

    [Theory]
    [InlineData(1000, 500)]
    [InlineData(1_000_000, 999_999)]
    public async Task Upload_shorter_than_promised_is_no_success_and_no_blob(int promised, int sent)
    {
        await using var broker = await RunningBroker.StartAsync();
        await using var connection = await RawConnection.OpenAsync(broker.Data);
        await connection.SendAsync($"PUT /acct/c/short HTTP/1.1\r\nHost: {broker.Data.Authority}\r\nx-ms-version: 2021-12-02\r\n"
            + $"x-ms-blob-type: BlockBlob\r\nContent-Length: {promised}\r\n\r\n");
        await connection.SendAsync(new byte[sent]);
        var seen = await broker.Storage.Requests.FirstAsync(_ => true, Limit);
        connection.FinishSending();

        // The server aborts a connection whose body ends early: mostly nothing is answered.
        var answer = await Record.ExceptionAsync(async () => Assert.Equal(400, (await connection.ReadResponseAsync()).Status));

        Assert.True(answer is null or IOException, answer?.ToString());
        await Wait.UntilAsync(() => broker.Storage.OpenConnections == 0, Limit, "the connection to storage is closed");
        await seen.Done.WaitAsync(Limit);
        Assert.True(seen.Aborted);
        Assert.Null(broker.Storage.Account().Blob("c", "short"));
    }
}
