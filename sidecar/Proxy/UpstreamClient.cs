using System.Net;
using System.Net.Sockets;
using System.Text;
using TokenBroker.Configuration;
using TokenBroker.Limits;
using TokenBroker.Proxy.Telemetry;
using TokenBroker.Upstream;

namespace TokenBroker.Proxy;

/// <summary>Makes the connections to storage: every setting in sight.</summary>
internal sealed class UpstreamClient(BrokerOptions options, UpstreamTrust trust, StorageConnector connector, ProxyMetrics? metrics, EffectiveLimits limits)
{
    /// <summary>The longest head of an answer, in KiB. Metadata has 8 at most; what storage and proxies on the way add is far below the rest.</summary>
    public const int MaxHeadersKib = 128;

    /// <summary>Where descriptors are scarce, one account's idle connections must not keep another from connecting.</summary>
    private static readonly TimeSpan ScarceIdleTimeout = TimeSpan.FromSeconds(5);

    /// <param name="account">Whose storage.</param>
    /// <param name="keepsConnections">False makes a new connection for each request: for one that is sent again after a kept connection was lost.</param>
    public HttpMessageInvoker Create(AccountOptions account, bool keepsConnections = true) => new(new SocketsHttpHandler
    {
        UseProxy = false, // a web proxy would see nothing but could break everything; storage is dialled directly
        AllowAutoRedirect = false, // the token goes to the account and nowhere else
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null, // the client's own traceparent passes as any header does
        Expect100ContinueTimeout = TimeSpan.FromSeconds(1), // then the body is sent: something between here and storage dropped the 100 Continue
        ConnectTimeout = options.Upstream.ConnectTimeout,
        PooledConnectionLifetime = keepsConnections ? options.Upstream.ConnectionLifetime : TimeSpan.Zero,
        PooledConnectionIdleTimeout = limits.AreUpstreamConnectionsScarce && options.Upstream.IdleTimeout > ScarceIdleTimeout ? ScarceIdleTimeout : options.Upstream.IdleTimeout,
        MaxConnectionsPerServer = limits.Requests,
        MaxResponseHeadersLength = MaxHeadersKib,
        // Metadata may be Latin-1 on the wire, both ways.
        RequestHeaderEncodingSelector = (_, _) => Encoding.Latin1,
        ResponseHeaderEncodingSelector = (_, _) => Encoding.Latin1,
        ConnectCallback = async (context, cancellation) =>
            new NetworkStream((await ConnectAsync(account, context.DnsEndPoint, cancellation)).Socket, ownsSocket: true),
        // A check of the host measures nothing.
        PlaintextStreamFilter = metrics is null ? null : (context, _) => new(new UpstreamConnection(context.PlaintextStream, metrics, account.Name)),
        SslOptions = { RemoteCertificateValidationCallback = trust.Validate },
    });

    /// <summary>Where a connection to an endpoint of the account really goes.</summary>
    public static DnsEndPoint TargetOf(AccountOptions account, DnsEndPoint endpoint)
    {
        // The secondary is elsewhere, and is dialled at its own address.
        var isPrimary = endpoint.Host.Equals(account.Endpoint.IdnHost, StringComparison.OrdinalIgnoreCase) && endpoint.Port == account.Endpoint.Port;
        return isPrimary && account.ConnectTo is { } other ? other : endpoint;
    }

    /// <summary>A TCP connection as every request to the account uses it.</summary>
    /// <exception cref="OwnListenerException">It would lead back to the sidecar.</exception>
    /// <exception cref="SocketException">The name is unknown, or nothing answers.</exception>
    public Task<DialledConnection> ConnectAsync(AccountOptions account, DnsEndPoint endpoint, CancellationToken cancellation) =>
        connector.ConnectAsync(TargetOf(account, endpoint), cancellation);
}
