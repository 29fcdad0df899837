using TokenBroker.Imds;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Storage;

namespace TokenBroker.EndToEnd.Sidecars;

/// <summary>The metadata emulator and a strict storage in the test's own process, and the built sidecar between them.</summary>
internal sealed class Scene : IAsyncDisposable
{
    /// <summary>The account that the strict storage has, and a container in it.</summary>
    public const string Account = "acct";
    public const string Container = "things";

    private readonly TemporaryDirectory _directory = new();

    private Scene(ImdsEmulator imds, StrictStorage storage) => (Imds, Storage) = (imds, storage);

    public ImdsEmulator Imds { get; }

    public StrictStorage Storage { get; }

    public RunningSidecar Sidecar { get; private set; } = null!;

    /// <summary>A directory that is gone after the test.</summary>
    public TemporaryDirectory Directory => _directory;

    /// <summary>A blob in <see cref="Container"/>, as clients see it.</summary>
    public Uri Blob(string name) => Sidecar.At($"{Account}/{Container}/{name}");

    /// <param name="imds">Settings of the emulator.</param>
    /// <param name="prepare">Runs before the sidecar starts; may change how it is started.</param>
    /// <param name="storage">Settings of storage; it must have <see cref="Account"/>.</param>
    public static async Task<Scene> StartAsync(
        ImdsEmulatorOptions? imds = null, Func<Scene, SidecarSettings, SidecarSettings>? prepare = null, StrictStorageOptions? storage = null)
    {
        var scene = new Scene(await ImdsEmulator.StartAsync(imds), await StrictStorage.StartAsync(storage));
        try
        {
            scene.Storage.Account().CreateContainer(Container);
            var settings = new SidecarSettings
            {
                Accounts = [(Account, scene.Storage.EndpointOf(Account))],
                UpstreamCa = scene.Storage.Certificates!.WriteTo(scene._directory.Path).Authority,
                MetadataEndpoint = scene.Imds.BaseAddress,
            };
            scene.Sidecar = await RunningSidecar.StartAsync(prepare?.Invoke(scene, settings) ?? settings);
            return scene;
        }
        catch
        {
            await scene.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Sidecar is not null)
            await Sidecar.DisposeAsync();
        await Imds.DisposeAsync();
        await Storage.DisposeAsync();
        _directory.Dispose();
    }
}
