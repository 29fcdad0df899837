using System.Security.Cryptography;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.TestSupport.Storage;
using Xunit;

namespace TokenBroker.EndToEnd.RejectedTokens;

/// <summary>
/// Storage takes a token for expired that by all clocks is not. Code that uses an SDK as it comes out of the box sees
/// success: a request without a body is sent again by the sidecar, any other by the SDK.
/// </summary>
public abstract class SdkTests
{
    private protected const int Large = 70 * 1024 * 1024;

    /// <summary>Prepares what the operation needs, calls <paramref name="go"/> and then does it; gives the SHA-256 of its content.</summary>
    private protected abstract Task<string> RunAsync(RejectionScene scene, string operation, string blob, int size, Func<Task> go);

    [Fact]
    public async Task Get_succeeds_although_storage_rejects_the_token()
    {
        await using var scene = await RejectionScene.StartAsync();
        var token = "";

        var read = await RunAsync(scene, "get", "pattern-100000", 100_000, async () => token = await scene.RejectTokenInUseAsync());

        Assert.Equal(Pattern.Sha256(100_000), read);
        var requests = scene.Storage.Requests.All;
        Assert.Equal((401, token), (requests[0].Status, requests[0].Bearer));
        Assert.True(requests.Skip(1).All(request => request.Status is 200 or 206 && request.Bearer != token), string.Join("; ", requests));
    }

    [Fact]
    public async Task Put_of_a_small_body_succeeds_although_storage_rejects_the_token()
    {
        await using var scene = await RejectionScene.StartAsync();
        var token = "";

        var written = await RunAsync(scene, "put", "small", 1000, async () => token = await scene.RejectTokenInUseAsync());

        Assert.Equal(written, Sha256(scene.Storage.Account().Blob(Scene.Container, "small")!));
        var puts = scene.Storage.Requests.All;
        Assert.Equal((401, token), (puts[0].Status, puts[0].Bearer));
        Assert.Equal(201, puts[^1].Status);
        Assert.NotEqual(token, puts[^1].Bearer);
    }

    [Fact]
    public async Task Staged_upload_succeeds_although_storage_rejects_the_token_in_the_middle()
    {
        await using var scene = await RejectionScene.StartAsync();
        var written = "";

        await scene.RejectInTheMiddleAsync(async () => written = await RunAsync(scene, "staged", "large", Large, () => Task.CompletedTask));

        Assert.True(scene.Rejections >= 1, "storage rejected no request");
        Assert.Equal(written, Sha256(scene.Storage.Account().Blob(Scene.Container, "large")!));
    }

    private protected static string Sha256(StoredBlob blob) => Convert.ToHexStringLower(SHA256.HashData(blob.ToArray()!));
}
