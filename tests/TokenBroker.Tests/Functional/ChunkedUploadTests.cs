using System.Security.Cryptography;
using TokenBroker.TestSupport.Network;
using TokenBroker.TestSupport.Storage;
using Xunit;

namespace TokenBroker.Tests.Functional;

/// <summary>Uploads without a length: short ones are gathered to get one, longer ones are told to bring one.</summary>
public class ChunkedUploadTests
{
    private const int Limit = 100_000;

    private static async Task<(RawResponse Answer, RecordedRequest? Seen)> PutAsync(int length, string headers = "", int limit = Limit)
    {
        await using var broker = await RunningBroker.StartAsync(options => options with { Upstream = options.Upstream with { ChunkedUploadLimit = limit } });
        await using var connection = await RawConnection.OpenAsync(broker.Data);
        await connection.SendAsync($"PUT /acct/c/b HTTP/1.1\r\nHost: {broker.Data.Authority}\r\nx-ms-version: 2021-12-02\r\nx-ms-blob-type: BlockBlob\r\n"
            + $"Transfer-Encoding: chunked\r\n{headers}\r\n");
        for (var sent = 0; sent < length; sent += 10_000)
        {
            var chunk = Math.Min(10_000, length - sent);
            await connection.SendAsync($"{chunk:x}\r\n{new string('x', chunk)}\r\n");
        }

        await connection.SendAsync("0\r\n\r\n");
        var answer = await connection.ReadResponseAsync(toHead: false);
        return (answer, broker.Storage.Requests.All.SingleOrDefault());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Limit)]
    public async Task A_short_one_reaches_storage_with_a_length(int length)
    {
        var (answer, seen) = await PutAsync(length);

        Assert.Equal(201, answer.Status);
        Assert.Equal(length.ToString(System.Globalization.CultureInfo.InvariantCulture), seen!.Header("Content-Length"));
        Assert.Null(seen.Header("Transfer-Encoding"));
        Assert.Equal(Convert.ToHexString(SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(new string('x', length)))), seen.BodySha256, ignoreCase: true);
    }

    [Theory]
    [InlineData(Limit + 1, Limit)]
    [InlineData(3_000_000, Limit)]
    [InlineData(1, 0)]
    public async Task A_longer_one_is_told_to_bring_a_length_and_nothing_is_sent(int length, int limit)
    {
        var (answer, seen) = await PutAsync(length, limit: limit);

        Assert.Equal((411, "length-required"), (answer.Status, answer.Header("x-tokenbroker-reason")));
        Assert.Null(seen);
    }

    [Fact]
    public async Task One_that_is_no_chunks_is_a_broken_body()
    {
        await using var broker = await RunningBroker.StartAsync();

        var answer = await broker.SendAsync("PUT /acct/c/b HTTP/1.1\r\nHost: HOST\r\nx-ms-version: 2021-12-02\r\nx-ms-blob-type: BlockBlob\r\n"
            + "Transfer-Encoding: chunked\r\n\r\nzz\r\n");

        Assert.Equal((400, "body-broken"), (answer.Status, answer.Header("x-tokenbroker-reason")));
        Assert.Equal(0, broker.Storage.Requests.Count);
    }
}
