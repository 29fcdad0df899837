using System.Text.Json;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.Local;
using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.RejectedTokens;

/// <summary>@azure/storage-blob of JavaScript, installed by its own lock file.</summary>
public class JavaScriptSdkTests : SdkTests
{
    private static string Directory => ClientProcess.PathOf("js");

    [Fact]
    [Requires(Capability.Node, Capability.Npm)]
    public Task Get_succeeds_although_storage_rejects_the_token() => GetSucceedsAsync();

    [Fact]
    [Requires(Capability.Node, Capability.Npm)]
    public Task Put_of_a_small_body_succeeds_although_storage_rejects_the_token() => PutSucceedsAsync();

    [Fact]
    [Requires(Capability.Node, Capability.Npm)]
    public Task Staged_upload_succeeds_although_storage_rejects_the_token_in_the_middle() => StagedUploadSucceedsAsync();

    [Fact]
    public void Lock_file_names_no_registry_and_a_hash_for_every_package()
    {
        using var lockFile = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Directory, "package-lock.json")));
        var packages = lockFile.RootElement.GetProperty("packages").EnumerateObject().ToArray();

        Assert.All(packages, package => Assert.False(package.Value.TryGetProperty("resolved", out _), package.Name));
        Assert.All(packages.Skip(1), package => Assert.True(package.Value.TryGetProperty("integrity", out _), package.Name));
    }

    private protected override async Task<string> RunAsync(RejectionScene scene, string operation, string blob, int size, Func<Task> go)
    {
        var node = await NodeInstallation.FindAsync(Environment.GetEnvironmentVariable("PATH") ?? "", TestContext.Current.CancellationToken);
        await new AzuritePackages(Directory).PrepareAsync(node, null, TestContext.Current.CancellationToken);
        return await ClientProcess.RunAsync("sha256", go, scene, node.NodePath, Path.Combine(Directory, "client.mjs"), operation, Scene.Container, blob, $"{size}");
    }
}
