using System.Security.Cryptography;
using TokenBroker.EndToEnd.RealAddress;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.Local;
using TokenBroker.Local.Azurite;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Network;
using TokenBroker.TestSupport.Processes;

namespace TokenBroker.EndToEnd.ClientMatrix;

/// <summary>
/// A sidecar at the storage emulator's fixed address, with the emulator's account name for another account. The port is
/// shared with nobody, since all of it runs in a network of its own.
/// </summary>
internal sealed class EmulatorScene : IAsyncDisposable
{
    public const string Account = "devstoreaccount1";
    public const string Address = "http://127.0.0.1:10000";

    private const string RealAccount = "realaccount";

    private readonly TemporaryDirectory _directory = new();
    private readonly List<ProcessRun> _processes = [];
    private RunningSidecar? _sidecar;

    private EmulatorScene(NetworkNamespace network) => Network = network;

    public NetworkNamespace Network { get; }

    public static async Task<EmulatorScene> StartAsync()
    {
        var scene = new EmulatorScene(await NetworkNamespace.CreateAsync(MetadataProcess.Address));
        try
        {
            await scene.StartCoreAsync();
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
        if (_sidecar is not null)
            await _sidecar.DisposeAsync();
        foreach (var process in Enumerable.Reverse(_processes))
            await process.DisposeAsync();
        await Network.DisposeAsync();
        _directory.Dispose();
    }

    private async Task StartCoreAsync()
    {
        using var certificates = Certificates.Create("127.0.0.1");
        var files = certificates.WriteTo(_directory.Path);
        var node = await NodeInstallation.FindAsync(Environment.GetEnvironmentVariable("PATH") ?? "", CancellationToken.None);
        await new AzuritePackages(RecordedPaths.AzuriteDirectory).PrepareAsync(node, null, CancellationToken.None);
        await StartedAsync(MetadataProcess.Spec(), MetadataProcess.Listening);
        var key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(64));
        var azurite = await StartedAsync(AzuriteProgram.Spec(node, files, $"{RealAccount}:{key}", _directory.Path), AzuriteProgram.Listening);
        _sidecar = await RunningSidecar.StartAsync(Network.Within(SidecarBinary.Spec(new SidecarSettings
        {
            Listen = Address,
            Accounts = [(Account, new Uri($"https://{azurite}/{RealAccount}"))],
            UpstreamCa = files.Authority,
        }.ToArguments())));
    }

    private async Task<string> StartedAsync(ProcessSpec spec, string line)
    {
        _processes.Add(ProcessRun.Start(Network.Within(spec)));
        return (await _processes[^1].LineAsync(line, RunningSidecar.Limit)).Groups[1].Value;
    }
}
