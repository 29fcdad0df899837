using TokenBroker.TestSupport.Processes;
using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.HostsEntry;

/// <summary>The one command of az that has Azure's address built in: it writes the source's address by itself.</summary>
[Collection(nameof(LongTests))]
[Requires(Capability.Node, Capability.Npm, Capability.NetworkNamespaces, Capability.MountNamespaces, Capability.AzureCli)]
public class AzCopyBatchTests
{
    [Fact]
    [Long]
    public async Task Blobs_of_one_container_are_copied_to_another()
    {
        await using var scene = await HostsEntryScene.StartAsync();
        var file = scene.File("blob.txt");
        await File.WriteAllTextAsync(file, "content of a blob", TestContext.Current.CancellationToken);

        await AzAsync(scene, "container", "create", "--name", "source");
        await AzAsync(scene, "container", "create", "--name", "target");
        foreach (var name in new[] { "one.txt", "folder/two ü.txt" })
            await AzAsync(scene, "blob", "upload", "--container-name", "source", "--name", name, "--file", file);
        await AzAsync(scene, "blob", "copy", "start-batch", "--source-container", "source", "--destination-container", "target");
        var listed = await AzAsync(scene, "blob", "list", "--container-name", "target", "--query", "[].name", "--output", "tsv");

        Assert.Equal(["folder/two ü.txt", "one.txt"], listed.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order());
    }

    private static async Task<string> AzAsync(HostsEntryScene scene, params string[] arguments)
    {
        var run = await scene.RunAsync(new ProcessSpec("az", ["storage", .. arguments])
        {
            Limit = TimeSpan.FromMinutes(2),
            Environment = new Dictionary<string, string?>(scene.Variables())
            {
                ["AZURE_CONFIG_DIR"] = scene.File("az"),
                ["AZURE_CORE_COLLECT_TELEMETRY"] = "no",
                ["PYTHONIOENCODING"] = "utf-8",
            },
        });
        Assert.True(run.ExitCode == 0, $"az storage {arguments[0]} {arguments[1]}: {run.Output}\n{scene.Sidecar.Run.Output}");
        return run.StandardOutput;
    }
}
