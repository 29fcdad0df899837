using System.Net;
using System.Security.Cryptography;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.TestSupport.Storage;
using Xunit;

namespace TokenBroker.EndToEnd.Memory;

/// <summary>Large blobs up and down through a sidecar, checked by their hashes at the far end.</summary>
internal sealed class Transfers(Scene scene, HttpClient http, long length)
{
    private readonly string _hash = Pattern.Sha256(length);

    public async Task UploadAsync(string name)
    {
        using var content = new StreamContent(Pattern.Open(length), 64 * 1024);
        content.Headers.ContentLength = length;
        using var request = Http.PutBlob(scene.Blob(name), content);
        using var answer = await http.SendAsync(request);

        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var arrived = Assert.Single(scene.Storage.Requests.All, recorded => recorded.RawTarget.EndsWith("/" + name, StringComparison.Ordinal));
        Assert.Equal((length, _hash), (arrived.BodyLength, arrived.BodySha256));
    }

    public async Task DownloadAsync()
    {
        using var request = Http.Get(scene.Blob($"pattern-{length}"));
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await using var body = await answer.Content.ReadAsStreamAsync();
        Assert.Equal(_hash, Convert.ToHexStringLower(await SHA256.HashDataAsync(body)));
    }
}
