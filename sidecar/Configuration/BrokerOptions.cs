using System.Net;
using System.Net.Sockets;
using TokenBroker.Configuration.Reading;

namespace TokenBroker.Configuration;

/// <summary>
/// Everything that can be set, immutable after start. <see cref="SettingTable"/> gives each property's names, limits and
/// reason; docs/configuration.md shows the same rows.
/// </summary>
internal sealed record BrokerOptions
{
    public required IReadOnlyList<AccountOptions> Accounts { get; init; }

    /// <summary>
    /// The data listeners, at least one. Both loopback addresses by default: a client that resolves <c>localhost</c> to ::1
    /// must not be refused there, and no other program can take the port on ::1 and wait for it.
    /// </summary>
    public IReadOnlyList<ListenAddress> Listen { get; init; } = [ListenAddress.Localhost(11000)];

    public ListenAddress Admin { get; init; } = ListenAddress.Localhost(11080);

    /// <summary>A further listener that has health and metrics alone, and so may be on any address; null for none.</summary>
    public ListenAddress? HealthListen { get; init; }

    /// <summary>Every listener that is configured: data, admin, health.</summary>
    public IReadOnlyList<ListenAddress> Listeners => HealthListen is { } health ? [.. Listen, Admin, health] : [.. Listen, Admin];

    /// <summary>The listener to name to clients: the first with an IPv4 address, which every SDK accepts.</summary>
    public ListenAddress ClientListener =>
        (Listen.FirstOrDefault(listen => listen.Address.AddressFamily == AddressFamily.InterNetwork) ?? Listen[0]).ToReachable();

    /// <summary>What an https listener shows its clients; null for http.</summary>
    public CertificatePair? Certificate { get; init; }

    /// <summary>Further Host names that callers may use, as NAME (any port) or NAME:PORT.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    public CallerOptions Caller { get; init; } = new();
    public TokenOptions Tokens { get; init; } = new();
    public UpstreamOptions Upstream { get; init; } = new();

    /// <summary>Connections to the data listeners at once; one more is closed. Each takes a file descriptor.</summary>
    public int MaxConnections { get; init; } = 4096;

    /// <summary>Requests to the data listener at once; one more is 503. Fewer than connections, so that most callers are told.</summary>
    public int MaxRequests { get; init; } = 2048;

    /// <summary>Bytes of request bodies that are held in memory at once; null derives it from the memory that the process may use.</summary>
    public long? MaxBufferedBytes { get; init; }

    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>A line in the log for each request: account, container, operation, verdict and request ids.</summary>
    public bool Audit { get; init; }

    /// <summary>What becomes of a request whose audit line finds no room in the log's queue.</summary>
    public AuditWhenFull AuditWhenFull { get; init; } = AuditWhenFull.Drop;

    /// <summary>One JSON object a line instead of text.</summary>
    public bool JsonLog { get; init; }

    /// <summary>How long connections are accepted after the signal to stop, while not ready: until whoever balances load has noticed.</summary>
    public TimeSpan DrainMin { get; init; } = TimeSpan.Zero;

    /// <summary>How long requests in flight may continue after that.</summary>
    public TimeSpan DrainMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Stop when standard input closes, as it does when the program that started this one is gone.</summary>
    public bool ExitWithStdin { get; init; }
}

internal enum AuditWhenFull
{
    /// <summary>It is served; the line is dropped and counted.</summary>
    Drop,

    /// <summary>It is answered with 503, and nothing is sent.</summary>
    Refuse,
}

internal sealed record AccountOptions
{
    public required string Name { get; init; }

    /// <summary>Where the account really is. May have a path, as an emulator's has; never ends with a slash.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>The read-only secondary; null where neither configured nor derivable from the endpoint.</summary>
    public Uri? SecondaryEndpoint { get; init; }

    /// <summary>Where the TCP connection goes instead of the endpoint's host; name checks stay the endpoint's.</summary>
    public DnsEndPoint? ConnectTo { get; init; }

    public IdentitySelector Identity { get; init; } = IdentitySelector.System;

    /// <summary>What clients may do; null for whatever the identity may, but for Get User Delegation Key.</summary>
    public PolicyOptions? Policy { get; init; }
}

internal sealed record CallerOptions
{
    /// <summary>The keys with which callers must sign; null if they need not.</summary>
    public CallerKeys? Keys { get; init; }

    /// <summary>Accept requests without x-ms-version. Any plain GET can then be forged, by a page or through a redirect.</summary>
    public bool UnsafeAllowMissingVersion { get; init; }

    /// <summary>Listen beyond loopback and accept such peers. Everyone who reaches the port then has the identity's rights.</summary>
    public bool UnsafeAllowNonLoopback { get; init; }
}

internal sealed record TokenOptions
{
    /// <summary>Base of the metadata endpoint; null means the platform's own, or whatever source the environment names.</summary>
    public Uri? MetadataEndpoint { get; init; }

    /// <summary>Time for one attempt while a token serves, from the moment its request is sent. Without one it is longer.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a request waits for the very first token before it is told to come back.</summary>
    public TimeSpan FirstTokenWait { get; init; } = TimeSpan.FromSeconds(10);
}

internal sealed record UpstreamOptions
{
    /// <summary>PEM file with certificates that are trusted in addition to the system's.</summary>
    public string? CertificateAuthorityFile { get; init; }

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Bounded, so that a change of the account's address in DNS is followed.</summary>
    public TimeSpan ConnectionLifetime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Must be shorter than storage's own keep-alive, or a request may meet a closed connection.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>A request is ended if no data moves in either direction for this time.</summary>
    public TimeSpan ActivityTimeout { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>
    /// Uploads without a length are gathered up to this many bytes, since storage demands a length; longer ones are 411.
    /// Each costs as much memory as it has bytes.
    /// </summary>
    public int ChunkedUploadLimit { get; init; } = 4 * 1024 * 1024;

    /// <summary>Accept http endpoints. The token then crosses the wire in clear text.</summary>
    public bool UnsafeAllowHttp { get; init; }
}
