namespace TokenBroker.Configuration;

internal sealed record UpstreamOptions
{
    /// <summary>PEM file with certificates that are trusted in addition to the system's.</summary>
    public string? CertificateAuthorityFile { get; init; }

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Limited, so that a changed address in DNS takes effect.</summary>
    public TimeSpan ConnectionLifetime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Must be shorter than storage's own keep-alive; otherwise a request may use a closed connection.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>A request is ended if no data moves in either direction for this time.</summary>
    public TimeSpan ActivityTimeout { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>
    /// Uploads without a length are buffered up to this many bytes, because storage demands a length; longer ones get 411.
    /// Each needs as much memory as its size.
    /// </summary>
    public int ChunkedUploadLimit { get; init; } = 4 * 1024 * 1024;

    /// <summary>Accept http endpoints. The token is then sent in clear text.</summary>
    public bool UnsafeAllowHttp { get; init; }
}
