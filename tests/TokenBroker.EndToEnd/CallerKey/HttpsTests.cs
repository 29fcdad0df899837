using Azure;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Sas;
using TokenBroker.EndToEnd.ClientMatrix;
using Xunit;

namespace TokenBroker.EndToEnd.CallerKey;

/// <summary>A caller key on an https listener: what is signed is the same, and a SAS that is for https alone is good there.</summary>
public class HttpsTests
{
    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    public async Task A_client_with_the_key_writes_and_reads_and_one_with_another_does_not(string scheme)
    {
        await using var keyed = await KeyedScene.StartAsync(scheme);
        var container = new BlobContainerClient(keyed.Container, keyed.Credential, keyed.Options);
        var stranger = new BlobContainerClient(keyed.Container, new StorageSharedKeyCredential(keyed.Credential.AccountName, CallerKeyRuns.NewKey()), keyed.Options);

        await container.GetBlobClient("a blob").UploadAsync(BinaryData.FromString("content"), TestContext.Current.CancellationToken);
        var read = await container.GetBlobClient("a blob").DownloadContentAsync(TestContext.Current.CancellationToken);
        var refusal = await Assert.ThrowsAsync<RequestFailedException>(() => stranger.GetBlobClient("a blob").DownloadContentAsync(TestContext.Current.CancellationToken));

        Assert.Equal("content", read.Value.Content.ToString());
        Assert.Equal((403, "AuthenticationFailed"), (refusal.Status, refusal.ErrorCode));
        Assert.Equal(2, keyed.Scene.Storage.Requests.Count);
    }

    [Theory]
    [InlineData("http", false)]
    [InlineData("https", true)]
    public async Task A_SAS_for_https_alone_is_good_over_https_and_no_other_way(string scheme, bool good)
    {
        await using var keyed = await KeyedScene.StartAsync(scheme);
        var container = new BlobContainerClient(keyed.Signed(BlobContainerSasPermissions.Read, SasProtocol.Https), keyed.Options);

        var read = container.GetBlobClient("pattern-1000").DownloadContentAsync(TestContext.Current.CancellationToken);

        if (good)
        {
            Assert.Equal(1000, (await read).Value.Content.ToMemory().Length);
            Assert.DoesNotContain("sig=", Assert.Single(keyed.Scene.Storage.Requests.All).RawTarget, StringComparison.Ordinal);
            return;
        }

        var refusal = await Assert.ThrowsAsync<RequestFailedException>(() => read);
        Assert.Equal((403, "AuthorizationProtocolMismatch"), (refusal.Status, refusal.ErrorCode));
        Assert.Empty(keyed.Scene.Storage.Requests.All);
    }
}
