using System.Net;
using System.Net.Sockets;
using System.Text;
using TokenBroker.Configuration;
using TokenBroker.Limits;

namespace TokenBroker.Upstream;

/// <summary>Creates the connections to storage, with all their settings in one place.</summary>
internal sealed class UpstreamClient(BrokerOptions options, UpstreamTrust trust, StorageConnector connector, UpstreamMetrics? metrics, EffectiveLimits limits)
{
    /// <summary>
    /// The longest head of an answer, in KiB. Metadata has at most 8 KiB; the headers that storage and proxies add are much
    /// shorter than the rest.
    /// </summary>
    public const int MaxHeadersKib = 128;

    /// <summary>If descriptors are scarce, one account's idle connections must not block another account.</summary>
    private static readonly TimeSpan ScarceIdleTimeout = TimeSpan.FromSeconds(5);

    /// <param name="account">Whose storage.</param>
    /// <param name="keepsConnections">False opens a new connection for each request; used to send a request again after a reused connection was lost.</param>
    public HttpMessageInvoker Create(AccountOptions account, bool keepsConnections = true) => new(new SocketsHttpHandler
    {
        UseProxy = false, // a web proxy could only cause failures; the sidecar connects to storage directly
        AllowAutoRedirect = false, // the token is sent only to the account
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null, // the client's own traceparent is forwarded like any other header
        Expect100ContinueTimeout = TimeSpan.FromSeconds(1), // after this the body is sent: something between here and storage dropped the 100 Continue
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
        // The check command records no metrics.
        PlaintextStreamFilter = metrics is null ? null : (context, _) => new(new UpstreamConnection(context.PlaintextStream, metrics, account.Name)),
        SslOptions = { RemoteCertificateValidationCallback = trust.Validate },
    });

    /// <summary>Where a connection to an endpoint of the account really goes.</summary>
    public static DnsEndPoint TargetOf(AccountOptions account, DnsEndPoint endpoint)
    {
        // The secondary has another address, which is used directly.
        var isPrimary = endpoint.Host.Equals(account.Endpoint.IdnHost, StringComparison.OrdinalIgnoreCase) && endpoint.Port == account.Endpoint.Port;
        return isPrimary && account.ConnectTo is { } other ? other : endpoint;
    }

    /// <summary>A TCP connection as every request to the account uses it.</summary>
    /// <exception cref="OwnListenerException">The address leads back to the sidecar.</exception>
    /// <exception cref="SocketException">The name is unknown, or nothing answers.</exception>
    public Task<DialledConnection> ConnectAsync(AccountOptions account, DnsEndPoint endpoint, CancellationToken cancellation) =>
        connector.ConnectAsync(TargetOf(account, endpoint), cancellation);
}
