using System.Diagnostics;
using TokenBroker.Local.Azurite;
using TokenBroker.Local.Processes;

namespace TokenBroker.Local;

/// <summary>
/// The whole setup as plain processes on this machine: an emulator of the instance metadata endpoint, the real Azurite over
/// TLS, and the sidecar between it and a client. Every port is chosen by binding port 0 and is read back. All processes end
/// when this object is disposed, or when this process ends for any reason.
/// </summary>
public sealed class LocalEnvironment : IAsyncDisposable
{
    /// <summary>The key in a client's connection string: any base64 text, because it is a dummy.</summary>
    public const string DummyKey = "dGhpcyBrZXkgb3BlbnMgbm90aGluZw==";

    private readonly LocalEnvironmentOptions _options;
    private readonly WorkingDirectory _directory;
    private readonly List<SidecarProcess> _sidecars = [];
    private ServerCertificate? _certificate;
    private NodeInstallation? _node;
    private ImdsEmulatorProcess? _emulator;
    private AzuriteProcess? _azurite;

    private LocalEnvironment(LocalEnvironmentOptions options)
    {
        _options = options;
        _directory = WorkingDirectory.Create();
    }

    /// <summary>The storage account's name.</summary>
    public string AccountName => _options.AccountName;

    /// <summary>The account's key, which only Azurite knows. For tests that check that it does not leak.</summary>
    public string AccountKey => Azurite.AccountKey;

    /// <summary>The account's blob endpoint at the storage itself, over https.</summary>
    public Uri StorageEndpoint => _options.UpstreamEndpoint ?? new Uri(Azurite.Address, AccountName);

    /// <summary>The certificate authority of <see cref="StorageEndpoint"/>, as a PEM file; null where none is needed.</summary>
    public string? CertificateAuthorityFile => _options.UpstreamEndpoint is null ? _certificate?.AuthorityFile : _options.UpstreamCertificateAuthorityFile;

    /// <summary>The instance metadata endpoint, without a path.</summary>
    public Uri MetadataEndpoint => _options.MetadataEndpoint ?? Emulator.MetadataEndpoint;

    /// <summary>The emulator's own controls: its record of requests, its tokens, its faults.</summary>
    public Uri MetadataControl => Emulator.Control;

    /// <summary>The first sidecar.</summary>
    public SidecarProcess Sidecar => _sidecars.Count > 0 ? _sidecars[0] : throw Off(nameof(LocalEnvironmentOptions.StartSidecar));

    /// <summary>The account's blob endpoint at the first sidecar, over http.</summary>
    public Uri ProxyEndpoint => Sidecar.ProxyEndpoint;

    /// <summary>Where the first sidecar's health, metrics and status are.</summary>
    public Uri AdminEndpoint => Sidecar.AdminEndpoint;

    /// <summary>The connection string of an unmodified client of the first sidecar.</summary>
    public string ConnectionString => Sidecar.ConnectionString;

    /// <summary>What Azurite's debug log says; needs <see cref="LocalEnvironmentOptions.AzuriteDebugLog"/>, and is gone with the environment.</summary>
    public AzuriteDebugLog AzuriteDebugLog => new(Azurite.DebugLogFile ?? throw Off(nameof(LocalEnvironmentOptions.AzuriteDebugLog)));

    /// <summary>The versions of what was started.</summary>
    public ComponentVersions Versions => ComponentVersions.Of(_options, _node);

    /// <summary>Every process that was started, running or not.</summary>
    public IReadOnlyList<ChildProcess> Children =>
        [.. new[] { _emulator?.Child, _azurite?.Child }.OfType<ChildProcess>(), .. _sidecars.Select(sidecar => sidecar.Child)];

    private AzuriteProcess Azurite => _azurite ?? throw Off(nameof(LocalEnvironmentOptions.StartAzurite));

    private ImdsEmulatorProcess Emulator => _emulator ?? throw Off(nameof(LocalEnvironmentOptions.StartImdsEmulator));

    /// <summary>Starts what <paramref name="options"/> ask for and returns when all of it is ready.</summary>
    /// <exception cref="LocalEnvironmentException">It cannot run here; the message says why and what to do.</exception>
    public static async Task<LocalEnvironment> StartAsync(
        LocalEnvironmentOptions options, IProgress<string>? progress = null, CancellationToken cancellationToken = default)
    {
        var environment = new LocalEnvironment(options);
        try
        {
            await environment.StartStorageAndMetadataAsync(progress, cancellationToken).ConfigureAwait(false);
            if (options.StartSidecar)
                await environment.StartSidecarAsync(options.Sidecar, progress, cancellationToken).ConfigureAwait(false);
            return environment;
        }
        catch
        {
            await environment.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Starts a further sidecar on the same storage and metadata endpoint.</summary>
    public async Task<SidecarProcess> StartSidecarAsync(
        SidecarOptions sidecarOptions, IProgress<string>? progress = null, CancellationToken cancellationToken = default)
    {
        progress?.Report("Starting the sidecar");
        var sidecar = SidecarProcess.Start(SidecarStartInfo(sidecarOptions), _options);
        _sidecars.Add(sidecar);
        await WithinLimitAsync(sidecar.Child, sidecar.WaitUntilListeningAsync, cancellationToken).ConfigureAwait(false);
        if (sidecarOptions.WaitUntilReady)
            await sidecar.WaitUntilReadyAsync(_options.StartLimit, cancellationToken).ConfigureAwait(false);
        return sidecar;
    }

    /// <summary>Completes with the first process that ends, which none does before it is asked to.</summary>
    public async Task<ChildProcess> WaitForAnyExitAsync(CancellationToken cancellationToken)
    {
        using var others = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var children = Children;
        Task[] exits = [.. children.Select(child => child.WaitForExitAsync(others.Token))];
        var first = await Task.WhenAny(exits).ConfigureAwait(false);
        await others.CancelAsync().ConfigureAwait(false);
        await first.ConfigureAwait(false);
        return children[Array.IndexOf(exits, first)];
    }

    /// <summary>Stops the sidecars, then the emulators, and removes the working directory.</summary>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_sidecars.Select(sidecar => sidecar.Child.StopAsync())).ConfigureAwait(false);
        await Task.WhenAll(Children.Select(child => child.StopAsync())).ConfigureAwait(false);
        _directory.Dispose();
    }

    private async Task StartStorageAndMetadataAsync(IProgress<string>? progress, CancellationToken cancellationToken)
    {
        // Node.js first: it is the part that may be missing, so this is checked first.
        if (_options.StartAzurite)
        {
            _node = await NodeInstallation.FindAsync(Environment.GetEnvironmentVariable("PATH") ?? "", cancellationToken).ConfigureAwait(false);
            await new AzuritePackages(RecordedPaths.AzuriteDirectory).PrepareAsync(_node, progress, cancellationToken).ConfigureAwait(false);
            _certificate = ServerCertificate.Create(_directory, AccountName);
            progress?.Report("Starting the storage emulator Azurite");
            _azurite = AzuriteProcess.Start(_options, _node, _directory, _certificate);
        }

        if (_options.StartImdsEmulator)
        {
            progress?.Report("Starting the metadata emulator");
            _emulator = ImdsEmulatorProcess.Start(_options, _directory);
            await WithinLimitAsync(_emulator.Child, _emulator.WaitUntilListeningAsync, cancellationToken).ConfigureAwait(false);
        }

        if (_azurite is not null)
        {
            await WithinLimitAsync(_azurite.Child, _azurite.WaitUntilListeningAsync, cancellationToken).ConfigureAwait(false);
            // Azurite has read it, and no other process may read it.
            File.Delete(_certificate!.KeyFile);
        }
    }

    private ProcessStartInfo SidecarStartInfo(SidecarOptions sidecarOptions)
    {
        List<string> arguments =
        [
            "--account", $"{AccountName}={StorageEndpoint}",
            "--listen", sidecarOptions.Listen.GetLeftPart(UriPartial.Authority),
            "--admin", sidecarOptions.Admin.GetLeftPart(UriPartial.Authority),
            "--metadata-endpoint", MetadataEndpoint.GetLeftPart(UriPartial.Authority),
            "--exit-with-stdin",
        ];
        if (CertificateAuthorityFile is { } authority)
            arguments.AddRange(["--upstream-ca", authority]);
        arguments.AddRange(sidecarOptions.Arguments);

        var startInfo = ChildStart.DotNet(RecordedPaths.Sidecar, arguments, _directory.FullPath);
        foreach (var (name, value) in sidecarOptions.Environment)
            startInfo.Environment[name] = value;
        return startInfo;
    }

    private async Task WithinLimitAsync(ChildProcess child, Func<CancellationToken, Task> wait, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(_options.StartLimit);
        try
        {
            await wait(deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw StartFailure.TooSlow(child, _options.StartLimit);
        }
    }

    private static InvalidOperationException Off(string option) => new($"{option} is off in the options of this environment.");
}
