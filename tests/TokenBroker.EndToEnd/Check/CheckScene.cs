using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.Imds;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Storage;

namespace TokenBroker.EndToEnd.Check;

/// <summary>A host on which all is well: the metadata emulator, and a strict storage whose authority is known. A test spoils one thing.</summary>
internal sealed class CheckScene : IAsyncDisposable
{
    public const string Account = "acct";

    private readonly TemporaryDirectory _directory = new();

    private CheckScene(ImdsEmulator imds, StrictStorage storage) => (Imds, Storage) = (imds, storage);

    public ImdsEmulator Imds { get; }

    public StrictStorage Storage { get; }

    public TemporaryDirectory Directory => _directory;

    public string Authority => _directory.File("authority.pem");

    public static async Task<CheckScene> StartAsync(ImdsEmulatorOptions? imds = null)
    {
        var scene = new CheckScene(await ImdsEmulator.StartAsync(imds), await StrictStorage.StartAsync());
        scene.Storage.Certificates!.WriteTo(scene._directory.Path);
        return scene;
    }

    /// <param name="endpoint">Where the account is; the strict storage if null.</param>
    /// <param name="metadata">The metadata endpoint; the emulator if null.</param>
    /// <param name="trusts">Whether the storage's authority is known.</param>
    /// <param name="arguments">Further arguments.</param>
    /// <param name="environment">Further variables.</param>
    /// <param name="listen">Where the sidecar would listen.</param>
    public Task<CheckRun> RunAsync(
        Uri? endpoint = null, Uri? metadata = null, bool trusts = true, string[]? arguments = null,
        IReadOnlyDictionary<string, string>? environment = null, string listen = "http://127.0.0.1:0")
    {
        var settings = new SidecarSettings
        {
            Listen = listen,
            Accounts = [(Account, endpoint ?? Storage.EndpointOf(Account))],
            UpstreamCa = trusts ? Authority : null,
            MetadataEndpoint = metadata ?? Imds.BaseAddress,
            Arguments = arguments ?? [],
        };
        return CheckRun.RunAsync(settings.ToArguments(), environment, wrap: null, () => Imds.Tokens.Select(token => token.Value));
    }

    public async ValueTask DisposeAsync()
    {
        await Imds.DisposeAsync();
        await Storage.DisposeAsync();
        _directory.Dispose();
    }
}
