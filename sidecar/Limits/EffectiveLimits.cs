using TokenBroker.Configuration;

namespace TokenBroker.Limits;

/// <summary>
/// How much this process accepts at once: the configured limits, or less if the host's descriptors or memory are not
/// sufficient. All limits together fit the host, so that many small amounts cannot end the process.
/// </summary>
internal sealed record EffectiveLimits
{
    /// <summary>The minimum number of open files with which the process can run.</summary>
    public const int MinDescriptors = 256;

    /// <summary>Connections to an admin or health listener if there are enough descriptors.</summary>
    public const int MaxAdminConnections = 32;

    private const int MinAdminConnections = 4;

    /// <summary>
    /// Descriptors for what is opened later: name lookups, token requests, the telemetry exporter, the runtime's own. About 33
    /// of them are files of the program that the runtime opens when their code first runs.
    /// </summary>
    private const int DescriptorReserve = 96;
    private const int MinDescriptorReserve = 56;

    private const int KiB = 1024;
    private const int MiB = 1024 * KiB;

    /// <summary>An idle connection with the pieces of a head and of an answer; over TLS with the state of both directions.</summary>
    private const int ConnectionBytes = 48 * KiB;
    private const int TlsConnectionBytes = 128 * KiB;

    /// <summary>A stalled request: the transport's read and write buffers, and those of the forwarder in both directions.</summary>
    private const int RequestBytes = 320 * KiB;

    /// <summary>The largest batch and the model that is made of it, twice: an account can have at least half of the budget.</summary>
    private const int MinBufferedBytes = 32 * MiB;
    private const int MaxDefaultBufferedBytes = 1024 * MiB;

    /// <summary>Connections of clients.</summary>
    public required int Connections { get; init; }

    /// <summary>Requests in flight.</summary>
    public required int Requests { get; init; }

    /// <summary>Connections to an admin or health listener. As many again may be closing.</summary>
    public required int AdminConnections { get; init; }

    /// <summary>Sockets to storage, in use, idle or being connected.</summary>
    public required int UpstreamConnections { get; init; }

    /// <summary>True if idle connections of some accounts can leave none for another, so that they must close soon.</summary>
    public bool AreUpstreamConnectionsScarce { get; init; }

    /// <summary>Bytes of request bodies that are held in memory.</summary>
    public required long BufferedBytes { get; init; }

    /// <summary>Bytes of request heads that are incomplete, or whose request was not admitted.</summary>
    public required long HeadBytes { get; init; }

    /// <summary>The system's limit on descriptors; null if there is none.</summary>
    public long? Descriptors { get; init; }

    /// <summary>True if more descriptors would allow more connections or requests.</summary>
    public bool AreBoundByDescriptors { get; init; }

    /// <summary>True if more memory would allow more connections or requests.</summary>
    public bool AreBoundByMemory { get; init; }

    public static EffectiveLimits Of(BrokerOptions options, HostResources host)
    {
        var connectionBytes = options.Certificate is null ? ConnectionBytes : TlsConnectionBytes;
        var connections = Min(options.MaxConnections, Math.Max(host.Memory / 4 / connectionBytes, 16));
        var requests = Min(options.MaxRequests, Math.Max(host.Memory * 3 / 8 / RequestBytes, 16), connections);
        var byMemory = connections < options.MaxConnections || requests < Math.Min(options.MaxRequests, options.MaxConnections);
        // Each account and each secondary has its own pool, and its idle connections cannot be used by other accounts.
        var upstream = Min((long)requests * 2 * Math.Max(options.Accounts.Count, 1), int.MaxValue);
        var byDescriptors = false;
        var admin = AdminConnectionsOf(options, host);
        if (host.Descriptors is { } all && FreeOf(all, options, host) - AdminDescriptors(options, admin) is var free && free < (long)connections + upstream)
        {
            // Idle connections of other pools close soon; what must fit is one connection to storage for each request.
            var wanted = (connections, requests);
            requests = Min(requests, Math.Max(free / 2, 1));
            connections = Min(connections, Math.Max(free - requests, 1));
            requests = Min(requests, connections);
            upstream = Min(upstream, Math.Max(free - connections, 1));
            byDescriptors = (connections, requests) != wanted;
        }

        return new()
        {
            Connections = connections,
            Requests = requests,
            AdminConnections = admin,
            UpstreamConnections = upstream,
            // Each account can have half of the requests and its part of the rest, in the pools of its primary and its secondary.
            AreUpstreamConnectionsScarce = upstream < (long)requests * (options.Accounts.Count + 1),
            BufferedBytes = options.MaxBufferedBytes ?? Math.Max(Math.Clamp(host.Memory / 8, MinBufferedBytes, MaxDefaultBufferedBytes), 2L * options.Upstream.ChunkedUploadLimit),
            HeadBytes = Math.Clamp(host.Memory / 32, 2 * MiB, 64 * MiB),
            Descriptors = host.Descriptors,
            AreBoundByDescriptors = byDescriptors,
            AreBoundByMemory = byMemory,
        };
    }

    /// <summary>A quarter of the free descriptors at most is for admin and health listeners.</summary>
    private static int AdminConnectionsOf(BrokerOptions options, HostResources host) => host.Descriptors is { } all
        ? (int)Math.Clamp(FreeOf(all, options, host) / 4 / AdminDescriptors(options, 1), MinAdminConnections, MaxAdminConnections)
        : MaxAdminConnections;

    private static int AdminDescriptors(BrokerOptions options, int connections) => 2 * connections * (options.HealthListen is null ? 1 : 2);

    /// <summary>The descriptors for clients and storage, and for admin and health listeners.</summary>
    private static long FreeOf(long all, BrokerOptions options, HostResources host) =>
        all - host.OpenDescriptors - Math.Clamp(all / 8, MinDescriptorReserve, DescriptorReserve) - (4 * options.Accounts.Count);

    private static int Min(params ReadOnlySpan<long> values)
    {
        var least = (long)int.MaxValue;
        foreach (var value in values)
            least = Math.Min(least, value);
        return (int)least;
    }
}
