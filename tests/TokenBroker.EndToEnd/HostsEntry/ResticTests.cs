using System.Security.Cryptography;
using TokenBroker.TestSupport.Processes;
using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.HostsEntry;

/// <summary>restic, which has Azure's address built in: a whole life of a repository, through the sidecar at that address.</summary>
[Long]
[Requires(Capability.Node, Capability.Npm, Capability.NetworkNamespaces, Capability.MountNamespaces, Capability.Restic)]
public class ResticTests
{
    [Fact]
    public async Task A_repository_is_made_filled_restored_checked_and_pruned()
    {
        await using var scene = await HostsEntryScene.StartAsync();
        var (source, target) = (scene.File("source"), scene.File("target"));
        Directory.CreateDirectory(source);
        var content = RandomNumberGenerator.GetBytes(3_000_000);
        await File.WriteAllBytesAsync(Path.Combine(source, "first ü.bin"), content, TestContext.Current.CancellationToken);

        await ResticAsync(scene, "init");
        await ResticAsync(scene, "backup", source);
        await File.WriteAllTextAsync(Path.Combine(source, "second.txt"), "second", TestContext.Current.CancellationToken);
        await ResticAsync(scene, "backup", source);
        await ResticAsync(scene, "restore", "latest", "--target", target);
        await ResticAsync(scene, "check", "--read-data");
        await ResticAsync(scene, "forget", "--keep-last", "1", "--prune");
        var check = await ResticAsync(scene, "check");

        var restored = Path.Combine(target, source.TrimStart('/'));
        Assert.Equal(content, await File.ReadAllBytesAsync(Path.Combine(restored, "first ü.bin"), TestContext.Current.CancellationToken));
        Assert.Equal("second", await File.ReadAllTextAsync(Path.Combine(restored, "second.txt"), TestContext.Current.CancellationToken));
        Assert.Contains("no errors were found", check, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_storages_real_address_the_sidecar_does_not_dial_itself()
    {
        await using var scene = await HostsEntryScene.StartAsync(connectTo: false);

        var run = await scene.RunAsync(new ProcessSpec("curl", "--silent", "--show-error", "--cacert", scene.Authority, "-i",
            "-H", "x-ms-version: 2021-12-02", $"https://{HostsEntryScene.Host}/c/b"));

        Assert.Contains("x-tokenbroker-reason: upstream-is-sidecar", run.Output, StringComparison.OrdinalIgnoreCase);
    }

    private static async Task<string> ResticAsync(HostsEntryScene scene, params string[] arguments)
    {
        var run = await scene.RunAsync(new ProcessSpec("restic", ["--no-cache", "--repo", "azure:backups:/", .. arguments])
        {
            Limit = TimeSpan.FromMinutes(2),
            Environment = new Dictionary<string, string?>(scene.Variables()) { ["RESTIC_PASSWORD"] = "of the repository" },
        });
        Assert.True(run.ExitCode == 0, $"restic {arguments[0]}: {run.Output}\n{scene.Sidecar.Run.Output}");
        return run.Output;
    }
}
