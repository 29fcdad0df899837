using System.Net;
using System.Net.Sockets;
using System.Text;
using TokenBroker.Configuration;

namespace TokenBroker.Proxy;

/// <summary>Makes the connections to storage: one pool per account, every setting in sight.</summary>
internal sealed class UpstreamClient(BrokerOptions options, UpstreamTrust trust, OwnListeners listeners, ProxyMetrics? metrics)
{
    public HttpMessageInvoker Create(AccountOptions account) => new(new SocketsHttpHandler
    {
        UseProxy = false, // a web proxy would see nothing but could break everything; storage is dialled directly
        AllowAutoRedirect = false, // the token goes to the account and nowhere else
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null, // the client's own traceparent passes as any header does
        Expect100ContinueTimeout = TimeSpan.FromSeconds(1), // then the body is sent: something between here and storage ate the question
        ConnectTimeout = options.Upstream.ConnectTimeout,
        PooledConnectionLifetime = options.Upstream.ConnectionLifetime,
        PooledConnectionIdleTimeout = options.Upstream.IdleTimeout,
        // Metadata may be Latin-1 on the wire, both ways.
        RequestHeaderEncodingSelector = (_, _) => Encoding.Latin1,
        ResponseHeaderEncodingSelector = (_, _) => Encoding.Latin1,
        ConnectCallback = (context, cancellation) => ConnectAsync(account, context.DnsEndPoint, cancellation),
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
    public async ValueTask<Stream> ConnectAsync(AccountOptions account, DnsEndPoint endpoint, CancellationToken cancellation)
    {
        var target = TargetOf(account, endpoint);
        var addresses = await Dns.GetHostAddressesAsync(target.Host, cancellation);
        if (addresses.Any(address => listeners.Contains(address, target.Port)))
            throw new OwnListenerException();
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, target.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>Storage's address leads back to the sidecar itself, as a hosts entry for the account's name does.</summary>
internal sealed class OwnListenerException() : IOException("The account's address is one of the sidecar's own listeners.");
