using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using TokenBroker.TestSupport.Network;

namespace TokenBroker.EndToEnd.Telemetry;

/// <summary>
/// A storage that takes its time: with the handshake of each connection, which the sidecar has to wait for before it can
/// send, and with each answer, which is none of the sidecar's doing. It knows when a request came and when its answer went.
/// Plain sockets on one thread, so that as little as possible of its own stands between; a connection serves one request.
/// </summary>
internal sealed class DelayingStorage : IDisposable
{
    private static readonly byte[] Answer =
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\nx-ms-request-id: 1\r\nx-ms-version: 2021-12-02\r\n\r\nok"u8.ToArray();

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Certificates _certificates;
    private readonly TimeSpan _handshake;
    private readonly TimeSpan _answer;
    private readonly Thread _thread;

    public DelayingStorage(Certificates certificates, TimeSpan handshake, TimeSpan answer)
    {
        (_certificates, _handshake, _answer) = (certificates, handshake, answer);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _thread = new Thread(Serve) { IsBackground = true };
        _thread.Start();
    }

    public Uri Address => new($"https://{_listener.LocalEndPoint}/");

    /// <summary>When the last request came, and when its answer went; of <see cref="Stopwatch"/>'s ticks.</summary>
    public (long Came, long Went) Last { get; private set; }

    public void Dispose()
    {
        _listener.Dispose();
        _thread.Join();
    }

    private void Serve()
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (true)
            {
                using var connection = _listener.Accept();
                connection.NoDelay = true;
                Thread.Sleep(_handshake); // no pause for luck: this time is what is measured
                using var tls = new SslStream(new NetworkStream(connection));
                tls.AuthenticateAsServer(_certificates.Server);
                if (tls.Read(buffer) == 0) // a head without a body comes in one piece
                    continue;
                var came = Stopwatch.GetTimestamp();
                Thread.Sleep(_answer);
                Last = (came, Stopwatch.GetTimestamp());
                tls.Write(Answer);
                tls.ShutdownAsync().GetAwaiter().GetResult();
            }
        }
        catch (Exception error) when (error is SocketException or IOException or ObjectDisposedException)
        {
            // Disposed of, or the sidecar is.
        }
    }
}
