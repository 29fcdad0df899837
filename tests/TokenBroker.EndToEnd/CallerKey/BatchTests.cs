using Azure.Storage.Sas;
using TokenBroker.Local.Azurite;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Processes;
using TokenBroker.TestSupport.Requirements;
using TokenBroker.TestSupport.Storage;
using Xunit;

namespace TokenBroker.EndToEnd.CallerKey;

/// <summary>A batch of the real libraries that have a SAS and no key: every part carries the SAS, and is verified by itself.</summary>
[Long]
[Requires(Capability.Node, Capability.Npm, PythonModules = ["azure.storage.blob"])]
public class BatchTests
{
    private const string Python = """
        import sys
        from azure.storage.blob import ContainerClient
        container = ContainerClient.from_container_url(sys.argv[1], retry_total=0)
        print('statuses', *[part.status_code for part in container.delete_blobs(*sys.argv[2:], raise_on_any_failure=False)])
        """;

    private const string JavaScript = """
        const { ContainerClient } = require("@azure/storage-blob");
        const [address, ...names] = process.argv.slice(1);
        const container = new ContainerClient(address, undefined, { retryOptions: { maxTries: 1 } });
        container.getBlobBatchClient().deleteBlobs(names.map((name) => container.getBlobClient(name)))
          .then(({ subResponses }) => console.log("statuses", ...subResponses.map((part) => part.status)));
        """;

    [Theory]
    [InlineData("python")]
    [InlineData("javascript")]
    public async Task Parts_with_a_SAS_that_may_delete_are_deleted(string client)
    {
        await using var keyed = await StartAsync();

        var run = await DeleteAsync(client, keyed.Signed(BlobContainerSasPermissions.Delete), "one", "two ü", "none");

        Assert.True(run.StandardOutput.Trim() == "statuses 202 202 404", run.Output);
        Assert.Null(Stored(keyed, "one") ?? Stored(keyed, "two ü"));
        var batch = Assert.Single(keyed.Scene.Storage.Requests.All);
        Assert.Equal(3, batch.Parts.Count);
        Assert.All(batch.Parts.Prepend(batch), request => Assert.DoesNotContain("sig=", request.RawTarget, StringComparison.Ordinal));
        Assert.All(batch.Parts, part => Assert.NotNull(part.Bearer));
    }

    [Theory]
    [InlineData("python")]
    [InlineData("javascript")]
    public async Task Parts_with_a_SAS_that_may_not_delete_refuse_the_batch_and_storage_sees_nothing(string client)
    {
        await using var keyed = await StartAsync();

        var run = await DeleteAsync(client, keyed.Signed(BlobContainerSasPermissions.Read | BlobContainerSasPermissions.Write), "one", "two ü");

        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains("caller-key-sas-permission", run.Output, StringComparison.Ordinal);
        Assert.Empty(keyed.Scene.Storage.Requests.All);
        Assert.NotNull(Stored(keyed, "one"));
    }

    private static async Task<KeyedScene> StartAsync()
    {
        var keyed = await KeyedScene.StartAsync();
        var container = new Azure.Storage.Blobs.BlobContainerClient(keyed.Container, keyed.Credential, keyed.Options);
        foreach (var name in new[] { "one", "two ü" })
            await container.GetBlobClient(name).UploadAsync(BinaryData.FromString("content"), TestContext.Current.CancellationToken);
        keyed.Scene.Storage.Requests.Clear();
        return keyed;
    }

    private static StoredBlob? Stored(KeyedScene keyed, string name) => keyed.Scene.Storage.Account().Blob(Sidecars.Scene.Container, name);

    private static async Task<ProcessResult> DeleteAsync(string client, Uri container, params string[] names)
    {
        if (client == "python")
            return await ProcessRun.CompleteAsync(new ProcessSpec(PythonInterpreter.File, ["-c", Python, container.AbsoluteUri, .. names]));
        var packages = Repository.PathOf("tests/TokenBroker.EndToEnd/RejectedTokens/js");
        var node = await NodeInstallation.FindAsync(Environment.GetEnvironmentVariable("PATH") ?? "", TestContext.Current.CancellationToken);
        await new AzuritePackages(packages).PrepareAsync(node, null, TestContext.Current.CancellationToken);
        return await ProcessRun.CompleteAsync(new ProcessSpec(node.NodePath, ["-e", JavaScript, container.AbsoluteUri, .. names]) { WorkingDirectory = packages });
    }
}
