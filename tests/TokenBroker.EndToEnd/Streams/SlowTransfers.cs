using System.Net;
using System.Security.Cryptography;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.TestSupport.Storage;
using Xunit;

namespace TokenBroker.EndToEnd.Streams;

/// <summary>Clients that stand still or crawl in the middle of a body for some time, and then go on as if nothing had been.</summary>
internal sealed class SlowTransfers(Scene scene, HttpClient http, TimeSpan duration)
{
    private const int UploadLength = 1024 * 1024;

    /// <summary>More than all buffers on the way hold, so that it is not done while the client crawls.</summary>
    private const long DownloadLength = 64 * 1024 * 1024;

    /// <summary>Bytes per second.</summary>
    private const int Crumb = 10;

    private readonly long _started = TimeProvider.System.GetTimestamp();

    private TimeSpan Elapsed => TimeProvider.System.GetElapsedTime(_started);

    /// <summary>All four at once.</summary>
    public static async Task RunAsync(TimeSpan duration)
    {
        await using var scene = await Scene.StartAsync();
        await scene.Sidecar.UntilReadyAsync();
        using var http = Http.CreateClient();
        var transfers = new SlowTransfers(scene, http, duration);
        await Task.WhenAll(
            transfers.UploadAsync("idle", transfers.IdleAsync),
            transfers.UploadAsync("crawling", transfers.CrawlAsync),
            transfers.DownloadAsync((_, _) => Task.Delay(duration)),
            transfers.DownloadAsync(transfers.CrawlAsync));
    }

    private async Task<int> IdleAsync(long sent)
    {
        if (sent > 0)
            await Task.Delay(duration);
        return UploadLength / 2;
    }

    private async Task<int> CrawlAsync(long sent)
    {
        if (Elapsed > duration)
            return UploadLength;
        await Task.Delay(TimeSpan.FromSeconds(1));
        return Crumb;
    }

    private async Task CrawlAsync(Stream body, IncrementalHash hash)
    {
        var crumb = new byte[Crumb];
        while (Elapsed < duration)
        {
            await Task.Delay(TimeSpan.FromSeconds(1));
            await body.ReadExactlyAsync(crumb);
            hash.AppendData(crumb);
        }
    }

    private async Task UploadAsync(string name, Func<long, Task<int>> pace)
    {
        using var content = new PacedContent(UploadLength, pace);
        using var request = Http.PutBlob(scene.Blob(name), content);
        using var answer = await http.SendAsync(request);

        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var seen = Assert.Single(scene.Storage.Requests.All, seen => seen.RawTarget.EndsWith("/" + name, StringComparison.Ordinal));
        Assert.Equal(Pattern.Sha256(UploadLength), seen.BodySha256);
    }

    private async Task DownloadAsync(Func<Stream, IncrementalHash, Task> pace)
    {
        using var request = Http.Get(scene.Blob($"pattern-{DownloadLength}"));
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using var body = await answer.Content.ReadAsStreamAsync();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await pace(body, hash);

        var buffer = new byte[64 * 1024];
        while (await body.ReadAsync(buffer) is > 0 and var count)
            hash.AppendData(buffer, 0, count);
        Assert.Equal(Pattern.Sha256(DownloadLength), Convert.ToHexStringLower(hash.GetHashAndReset()));
    }
}
