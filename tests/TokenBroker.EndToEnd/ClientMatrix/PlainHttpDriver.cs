using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace TokenBroker.EndToEnd.ClientMatrix;

/// <summary>
/// For a client that cannot be told of an authority. Its direct way to storage leads through a relay on loopback that adds
/// TLS and changes no byte of what is sent.
/// </summary>
internal sealed class PlainHttpDriver(Driver client) : Driver
{
    public override async Task<IReadOnlyDictionary<string, JsonObject>> RunAsync(Leg leg, string lines, string container)
    {
        if (leg.AuthorityFile is not { } authority)
            return await client.RunAsync(leg, lines, container);
        using var relay = new TlsRelay(leg.Endpoint, authority);
        return await client.RunAsync(leg, lines.Replace(leg.Endpoint.GetLeftPart(UriPartial.Authority), $"http://{relay.Address}", StringComparison.Ordinal), container);
    }

    /// <summary>Listens on loopback and passes each connection on by TLS.</summary>
    private sealed class TlsRelay : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly Uri _target;
        private readonly X509Certificate2 _authority;

        public TlsRelay(Uri target, string authorityFile)
        {
            (_target, _authority) = (target, X509CertificateLoader.LoadCertificateFromFile(authorityFile));
            _listener.Start();
            _ = AcceptAsync();
        }

        public EndPoint Address => _listener.LocalEndpoint;

        public void Dispose()
        {
            _listener.Dispose();
            _authority.Dispose();
        }

        private async Task AcceptAsync()
        {
            try
            {
                while (true)
                    _ = RelayAsync(await _listener.AcceptTcpClientAsync());
            }
            catch (Exception fault) when (fault is SocketException or ObjectDisposedException)
            {
                // The listener was closed.
            }
        }

        private async Task RelayAsync(TcpClient client)
        {
            using var server = new TcpClient(_target.Host, _target.Port);
            await using var secure = new SslStream(server.GetStream());
            using (client)
            {
                var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, CustomTrustStore = { _authority } };
                await secure.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = _target.Host, CertificateChainPolicy = trust });
                // Either side ends the connection.
                await Task.WhenAny(client.GetStream().CopyToAsync(secure), secure.CopyToAsync(client.GetStream()));
            }
        }
    }
}
