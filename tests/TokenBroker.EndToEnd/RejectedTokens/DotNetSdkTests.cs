using System.Security.Cryptography;
using Azure;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.Imds;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Requirements;
using TokenBroker.TestSupport.Storage;
using Xunit;

namespace TokenBroker.EndToEnd.RejectedTokens;

/// <summary>Azure.Storage.Blobs.</summary>
[Long]
public class DotNetSdkTests : SdkTests
{
    [Fact]
    public async Task Put_of_70_MiB_in_one_request_succeeds_although_storage_rejects_the_token_and_closes_without_reading()
    {
        await using var scene = await RejectionScene.StartAsync();
        var token = "";

        var written = await RunAsync(scene, "single", "large", Large, async () =>
        {
            token = await scene.RejectTokenInUseAsync();
            scene.Storage.AnswerNext(PlannedAnswer.Error(401, "InvalidAuthenticationInfo") with
            {
                Detail = "Lifetime validation failed. The token is expired.",
                ReadsBody = false,
                ClosesBehind = true,
            });
        });

        Assert.Equal(written, Sha256(scene.Storage.Account().Blob(Scene.Container, "large")!));
        Assert.Equal([(401, 0L), (201, (long)Large)], scene.Storage.Requests.All.Select(request => (request.Status, request.BodyLength)));
        Assert.Equal([true, false], scene.Storage.Requests.All.Select(request => request.Bearer == token));
    }

    [Fact]
    public async Task Account_of_another_tenant_takes_nothing_from_one_that_shares_its_identity()
    {
        await using var storage = await StrictStorage.StartAsync(new() { Accounts = [new StorageAccount("good"), new StorageAccount("foreign") { Issuer = "https://sts.windows.net/another/" }] });
        await using var scene = await Scene.StartAsync(new ImdsEmulatorOptions { ReuseUntilShareLeft = null, TokenLifetime = TimeSpan.FromMinutes(2) }, (scene, settings) => settings with
        {
            Accounts = [("good", storage.EndpointOf("good")), ("foreign", storage.EndpointOf("foreign"))],
            UpstreamCa = storage.Certificates!.WriteTo(scene.Directory.Path).Authority,
        });
        await scene.Sidecar.UntilReadyAsync();
        // A rejection may ask for another token every 6 s; the token itself is refreshed after 54 s at the earliest.
        await Wait.UntilAsync(() => TimeProvider.System.GetUtcNow() - scene.Imds.Tokens[0].IssuedAt > TimeSpan.FromSeconds(8), RunningSidecar.Limit, "the floor has passed");
        var good = new BlobClient(scene.Sidecar.ConnectionString("good"), "c", "pattern-1000");
        var foreign = new BlobClient(scene.Sidecar.ConnectionString("foreign"), "c", "pattern-1000");

        await Parallel.ForEachAsync(Enumerable.Range(0, 200), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, cancellation) =>
        {
            Assert.Equal(1000, (await good.DownloadContentAsync(cancellation)).Value.Content.ToMemory().Length);
            var refused = await Assert.ThrowsAsync<RequestFailedException>(() => foreign.DownloadContentAsync(cancellation));
            Assert.Equal((401, "InvalidAuthenticationInfo"), (refused.Status, refused.ErrorCode));
        });

        Assert.Single(scene.Imds.Requests);
        Assert.Equal(200, storage.Requests.All.Count(request => request is { Account: "good", Status: 200 }));
        Assert.Equal(400, storage.Requests.Count); // none was sent twice
    }

    private protected override async Task<string> RunAsync(RejectionScene scene, string operation, string blob, int size, Func<Task> go)
    {
        var client = new BlobServiceClient(scene.ConnectionString).GetBlobContainerClient(Scene.Container).GetBlobClient(blob);
        var content = new byte[size];
        new Random(size).NextBytes(content);
        await go();
        switch (operation)
        {
            case "get":
                content = (await client.DownloadContentAsync()).Value.Content.ToArray();
                break;
            case "put":
                await client.UploadAsync(new BinaryData(content));
                break;
            case "single":
                var whole = new StorageTransferOptions { InitialTransferSize = size + 1 };
                await client.UploadAsync(new BinaryData(content), new BlobUploadOptions { TransferOptions = whole });
                break;
            default:
                var blocks = new StorageTransferOptions { InitialTransferSize = 4 << 20, MaximumTransferSize = 4 << 20 };
                await client.UploadAsync(new BinaryData(content), new BlobUploadOptions { TransferOptions = blocks });
                break;
        }

        return Convert.ToHexStringLower(SHA256.HashData(content));
    }
}
