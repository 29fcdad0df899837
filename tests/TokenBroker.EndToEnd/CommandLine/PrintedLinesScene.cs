using Azure.Storage.Blobs;
using TokenBroker.Local;

namespace TokenBroker.EndToEnd.CommandLine;

/// <summary>A sidecar before Azurite with an empty container, for whichever tests of a class are run; none where all are skipped.</summary>
public sealed class PrintedLinesScene : IAsyncDisposable
{
    private readonly Lazy<Task<LocalEnvironment>> _environment = new(StartAsync);

    internal Task<LocalEnvironment> EnvironmentAsync() => _environment.Value;

    public async ValueTask DisposeAsync()
    {
        if (_environment.IsValueCreated)
            await (await _environment.Value).DisposeAsync();
    }

    private static async Task<LocalEnvironment> StartAsync()
    {
        var environment = await LocalEnvironment.StartAsync(new());
        await new BlobServiceClient(environment.ConnectionString).CreateBlobContainerAsync("container");
        return environment;
    }
}
