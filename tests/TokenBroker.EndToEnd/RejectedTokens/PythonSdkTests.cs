using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.TestSupport.Requirements;

namespace TokenBroker.EndToEnd.RejectedTokens;

/// <summary>azure-storage-blob of Python.</summary>
[Long]
[Requires(Capability.Python, PythonModules = ["azure.storage.blob"])]
public class PythonSdkTests : SdkTests
{
    private protected override Task<string> RunAsync(RejectionScene scene, string operation, string blob, int size, Func<Task> go) =>
        ClientProcess.PythonAsync(go, scene.ConnectionString, operation, Scene.Container, blob, size);
}
