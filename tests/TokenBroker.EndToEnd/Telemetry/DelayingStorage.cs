using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using TokenBroker.TestSupport.Network;

namespace TokenBroker.EndToEnd.Telemetry;

/// <summary>
/// A storage that takes its time: with the handshake of each connection, which whoever asks has to wait for before it can
/// send, and with each answer, which is none of the sidecar's doing. It sleeps no pause for luck: that time is what is
/// measured, and it knows when a request came and when its answer went. Plain sockets and a thread for each connection, so
/// that as little as possible of its own stands between.
/// </summary>
internal sealed class DelayingStorage : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Certificates _certificates;
    private readonly TimeSpan _handshake;
    private readonly TimeSpan _answer;
    private readonly bool _closes;
    private readonly List<Thread> _threads = [];

    /// <param name="certificates">Its own.</param>
    /// <param name="handshake">How long a connection waits for its handshake.</param>
    /// <param name="answer">How long a request waits for its answer.</param>
    /// <param name="closes">True if a connection serves one request.</param>
    public DelayingStorage(Certificates certificates, TimeSpan handshake, TimeSpan answer, bool closes)
    {
        (_certificates, _handshake, _answer, _closes) = (certificates, handshake, answer, closes);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        Start(Accept);
    }

    public Uri Address => new($"https://{_listener.LocalEndPoint}/");

    /// <summary>When the last request came, and when its answer went; of <see cref="Stopwatch"/>'s ticks. For who asks one at a time.</summary>
    public (long Came, long Went) Last { get; private set; }

    /// <summary>Once nobody is connected any more.</summary>
    public void Dispose()
    {
        _listener.Dispose();
        _threads[0].Join(); // and then no more are added
        _threads.ForEach(thread => thread.Join());
    }

    private void Start(Action what)
    {
        var thread = new Thread(() => what()) { IsBackground = true };
        _threads.Add(thread);
        thread.Start();
    }

    private void Accept()
    {
        try
        {
            while (true)
            {
                var connection = _listener.Accept();
                Start(() => Serve(connection));
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // Disposed of.
        }
    }

    private void Serve(Socket connection)
    {
        var answer = Encoding.ASCII.GetBytes(
            $"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n{(_closes ? "Connection: close\r\n" : "")}x-ms-request-id: 1\r\nx-ms-version: 2021-12-02\r\n\r\nok");
        var buffer = new byte[16 * 1024];
        using var owned = connection;
        try
        {
            connection.NoDelay = true;
            Thread.Sleep(_handshake);
            using var tls = new SslStream(new NetworkStream(connection));
            tls.AuthenticateAsServer(_certificates.Server);
            while (tls.Read(buffer) > 0) // a head without a body comes in one piece
            {
                var came = Stopwatch.GetTimestamp();
                Thread.Sleep(_answer);
                Last = (came, Stopwatch.GetTimestamp());
                tls.Write(answer);
                if (!_closes)
                    continue;
                tls.ShutdownAsync().GetAwaiter().GetResult();
                return;
            }
        }
        catch (Exception error) when (error is IOException or SocketException or AuthenticationException)
        {
            // Whoever asked is gone.
        }
    }
}
