using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.RejectedTokens;

/// <summary>azure-storage-blob of Python.</summary>
[Long]
[Requires(Capability.Python, PythonModules = ["azure.storage.blob"])]
public class PythonSdkTests : SdkTests
{
    [Fact]
    public Task Get_succeeds_although_storage_rejects_the_token() => GetSucceedsAsync();

    [Fact]
    public Task Put_of_a_small_body_succeeds_although_storage_rejects_the_token() => PutSucceedsAsync();

    [Fact]
    public Task Staged_upload_succeeds_although_storage_rejects_the_token_in_the_middle() => StagedUploadSucceedsAsync();

    private protected override Task<string> RunAsync(RejectionScene scene, string operation, string blob, int size, Func<Task> go) =>
        ClientProcess.PythonAsync(go, scene.ConnectionString, operation, Scene.Container, blob, size);
}
