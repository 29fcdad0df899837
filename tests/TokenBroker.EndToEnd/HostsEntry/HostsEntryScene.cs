using System.Security.Cryptography;
using TokenBroker.EndToEnd.ClientMatrix;
using TokenBroker.EndToEnd.RealAddress;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.Local;
using TokenBroker.Local.Azurite;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Network;
using TokenBroker.TestSupport.Processes;

namespace TokenBroker.EndToEnd.HostsEntry;

/// <summary>
/// A host whose hosts file leads the account's own name to the sidecar, as clients need it that have Azure's address built
/// in. Client, sidecar, Azurite and the metadata endpoint at its real address are in a network of their own, and client and
/// sidecar see the same hosts file, in mounts of their own: nothing of this machine is changed.
/// </summary>
internal sealed class HostsEntryScene : IAsyncDisposable
{
    public const string Account = "hostsentry";
    public const string Host = $"{Account}.blob.core.windows.net";

    private readonly TemporaryDirectory _directory = new();
    private readonly Certificates _certificates = Certificates.Create("127.0.0.1", "localhost", Host);
    private readonly List<ProcessRun> _processes = [];
    private readonly string _accountKey = Convert.ToBase64String(RandomNumberGenerator.GetBytes(64));
    private NetworkNamespace? _network;

    private HostsEntryScene()
    {
    }

    public RunningSidecar Sidecar { get; private set; } = null!;

    /// <summary>The authority of the certificate at the account's address, as clients are told of it.</summary>
    public string Authority => _directory.File("authority.pem");

    public string Azurite => _processes[1].Output;

    /// <param name="connectTo">False leaves out where storage really is.</param>
    public static async Task<HostsEntryScene> StartAsync(bool connectTo = true)
    {
        var scene = new HostsEntryScene();
        try
        {
            await scene.StartCoreAsync(connectTo);
            return scene;
        }
        catch
        {
            await scene.DisposeAsync();
            throw;
        }
    }

    /// <summary>The variables that docs/clients.md gives for such clients, filled in for this scene.</summary>
    public Dictionary<string, string?> Variables() =>
        DocumentedLines.Under("## Clients that have Azure's address built in").Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split('=', 2))
            .ToDictionary(pair => pair[0], pair => pair[1] switch
            {
                "ACCOUNT" => Account,
                "KEY" => LocalEnvironment.DummyKey,
                _ => (string?)File(pair[1]),
            });

    /// <summary>A path in the directory of the scene, which is gone after it.</summary>
    public string File(string name) => _directory.File(name);

    /// <summary>Runs a program to its end, in the network and with the hosts file of the scene.</summary>
    public Task<ProcessResult> RunAsync(ProcessSpec spec) => ProcessRun.CompleteAsync(Within(spec));

    public async ValueTask DisposeAsync()
    {
        if (Sidecar is not null)
            await Sidecar.DisposeAsync();
        foreach (var process in Enumerable.Reverse(_processes))
            await process.DisposeAsync();
        if (_network is not null)
            await _network.DisposeAsync();
        _certificates.Dispose();
        _directory.Dispose();
    }

    private async Task StartCoreAsync(bool connectTo)
    {
        var node = await NodeInstallation.FindAsync(Environment.GetEnvironmentVariable("PATH") ?? "", CancellationToken.None);
        await new AzuritePackages(RecordedPaths.AzuriteDirectory).PrepareAsync(node, null, CancellationToken.None);
        var files = _certificates.WriteTo(_directory.Path);
        await new HostsFile(File("hosts")).WriteAsync($"127.0.0.1 {Host}");
        _network = await NetworkNamespace.CreateAsync(MetadataProcess.Address);
        await StartedAsync(MetadataProcess.Spec(), MetadataProcess.Listening);
        var azurite = await StartedAsync(AzuriteProgram.Spec(node, files, $"{Account}:{_accountKey}", _directory.Path), AzuriteProgram.Listening);
        var settings = new SidecarSettings
        {
            Listen = "https://127.0.0.1:443",
            Accounts = [(Account, new Uri($"https://{Host}"))],
            UpstreamCa = files.Authority,
            Arguments = ["--tls-cert", files.Server, "--tls-key", files.ServerKey],
        };
        var spec = SidecarBinary.Spec(settings.ToArguments());
        if (connectTo)
            spec = spec.With(new Dictionary<string, string> { [$"TOKENBROKER__Accounts__{Account}__ConnectTo"] = azurite });
        Sidecar = await RunningSidecar.StartAsync(Within(spec));
    }

    private async Task<string> StartedAsync(ProcessSpec spec, string line)
    {
        _processes.Add(ProcessRun.Start(_network!.Within(spec)));
        return (await _processes[^1].LineAsync(line, RunningSidecar.Limit)).Groups[1].Value;
    }

    private ProcessSpec Within(ProcessSpec spec) => _network!.Within(new HostsFile(File("hosts")).Within(spec));
}
