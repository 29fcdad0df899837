using System.Net.Sockets;

namespace TokenBroker.Configuration;

/// <summary>
/// Everything that can be set, immutable after start. <c>SettingTable</c> gives each property's names, limits and
/// reason; docs/configuration.md shows the same rows.
/// </summary>
internal sealed record BrokerOptions
{
    public required IReadOnlyList<AccountOptions> Accounts { get; init; }

    /// <summary>
    /// The data listeners, at least one. Both loopback addresses by default: a client that resolves <c>localhost</c> to ::1
    /// must not be refused there, and no other program can listen on the port at ::1 and receive its requests.
    /// </summary>
    public IReadOnlyList<ListenAddress> Listen { get; init; } = [ListenAddress.Localhost(11000)];

    public ListenAddress Admin { get; init; } = ListenAddress.Localhost(11080);

    /// <summary>A further listener with health and metrics only, so any address is allowed; null for none.</summary>
    public ListenAddress? HealthListen { get; init; }

    /// <summary>Every listener that is configured: data, admin, health.</summary>
    public IReadOnlyList<ListenAddress> Listeners => HealthListen is { } health ? [.. Listen, Admin, health] : [.. Listen, Admin];

    /// <summary>The listener to name to clients: the first with an IPv4 address, which every SDK accepts.</summary>
    public ListenAddress ClientListener =>
        (Listen.FirstOrDefault(listen => listen.Address.AddressFamily == AddressFamily.InterNetwork) ?? Listen[0]).ToReachable();

    /// <summary>The certificate of the https listeners; null for http.</summary>
    public CertificatePair? Certificate { get; init; }

    /// <summary>Further Host names that callers may use, as NAME (any port) or NAME:PORT.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    public CallerOptions Caller { get; init; } = new();
    public TokenOptions Tokens { get; init; } = new();
    public UpstreamOptions Upstream { get; init; } = new();

    /// <summary>
    /// Maximum number of connections to the data listeners; further ones are closed. Each needs a file descriptor.
    /// </summary>
    public int MaxConnections { get; init; } = 4096;

    /// <summary>
    /// Maximum number of requests in flight; further ones get 503. It is lower than the number of connections, so that most
    /// callers get this answer.
    /// </summary>
    public int MaxRequests { get; init; } = 2048;

    /// <summary>
    /// Maximum number of bytes of buffered request bodies; null derives it from the memory that the process may use.
    /// </summary>
    public long? MaxBufferedBytes { get; init; }

    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>A line in the log for each request: account, container, operation, verdict and request ids.</summary>
    public bool Audit { get; init; }

    /// <summary>What to do with a request if the log's queue has no room for its audit line.</summary>
    public AuditWhenFull AuditWhenFull { get; init; } = AuditWhenFull.Drop;

    /// <summary>One JSON object a line instead of text.</summary>
    public bool JsonLog { get; init; }

    /// <summary>
    /// How long connections are accepted after the shutdown signal, while not ready, so that a load balancer can notice.
    /// </summary>
    public TimeSpan DrainMin { get; init; } = TimeSpan.Zero;

    /// <summary>How long requests in flight may continue after DrainMin is over.</summary>
    public TimeSpan DrainMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Stop when standard input closes, which happens when the program that started this one has ended.</summary>
    public bool ExitWithStdin { get; init; }
}

internal enum AuditWhenFull
{
    /// <summary>The request is served; the line is dropped and counted.</summary>
    Drop,

    /// <summary>The request is answered with 503 and not sent.</summary>
    Refuse,
}
