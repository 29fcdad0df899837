using System.Text.Json;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.RejectedTokens;

/// <summary>@azure/storage-blob of JavaScript, installed by its own lock file.</summary>
[Long]
[Requires(Capability.Node, Capability.Npm)]
public class JavaScriptSdkTests : SdkTests
{
    [Fact]
    public void Lock_file_names_no_registry_and_a_hash_for_every_package()
    {
        using var lockFile = JsonDocument.Parse(File.ReadAllBytes(ClientProcess.PathOf("js/package-lock.json")));
        var packages = lockFile.RootElement.GetProperty("packages").EnumerateObject().ToArray();

        Assert.All(packages, package => Assert.False(package.Value.TryGetProperty("resolved", out _), package.Name));
        Assert.All(packages.Skip(1), package => Assert.True(package.Value.TryGetProperty("integrity", out _), package.Name));
    }

    private protected override Task<string> RunAsync(RejectionScene scene, string operation, string blob, int size, Func<Task> go) =>
        ClientProcess.JavaScriptAsync(go, scene.ConnectionString, operation, Scene.Container, blob, size);
}
