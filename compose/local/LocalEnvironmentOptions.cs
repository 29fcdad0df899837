namespace TokenBroker.Local;

/// <summary>What to start, and how. The defaults start everything: emulator, Azurite and one sidecar.</summary>
public sealed record LocalEnvironmentOptions
{
    /// <summary>The storage account's name.</summary>
    public string AccountName { get; init; } = "demoaccount";

    /// <summary>Whether to start the emulator of the instance metadata endpoint.</summary>
    public bool StartImdsEmulator { get; init; } = true;

    /// <summary>Whether to start Azurite. It is the only part that needs Node.js.</summary>
    public bool StartAzurite { get; init; } = true;

    /// <summary>Whether to start the sidecar.</summary>
    public bool StartSidecar { get; init; } = true;

    /// <summary>The lifetime of the emulator's tokens; null leaves it to the emulator.</summary>
    public TimeSpan? TokenLifetime { get; init; }

    /// <summary>Further arguments of the emulator.</summary>
    public IReadOnlyList<string> ImdsEmulatorArguments { get; init; } = [];

    /// <summary>Whether Azurite writes its debug log, which shows how each request was authorised.</summary>
    public bool AzuriteDebugLog { get; init; }

    /// <summary>The storage endpoint of the sidecar's account, in place of Azurite: a stub, for instance.</summary>
    public Uri? UpstreamEndpoint { get; init; }

    /// <summary>The certificate authority of <see cref="UpstreamEndpoint"/>; null when it needs none.</summary>
    public string? UpstreamCertificateAuthorityFile { get; init; }

    /// <summary>The metadata endpoint of the sidecar, in place of the emulator.</summary>
    public Uri? MetadataEndpoint { get; init; }

    /// <summary>How the sidecar is started.</summary>
    public SidecarOptions Sidecar { get; init; } = new();

    /// <summary>How long each part may take to become ready.</summary>
    public TimeSpan StartLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long each part may take to end by itself.</summary>
    public TimeSpan StopLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How many lines of each child's output are kept: the newest.</summary>
    public int CapturedLines { get; init; } = 200_000;
}
