using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace TokenBroker.Hosting.Listening;

/// <summary>
/// A client may close its sending side after its last request and still wait for the answer (RFC 9112, 9.6). The server
/// would treat this as the end of the connection and abort the request. So it gets another <see
/// cref="ConnectionContext.ConnectionClosed"/>, which does not fire while only the client's sending side is closed. No
/// further request can come, and the server closes the connection after the answer.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The heartbeat may still look at the source after the connection has ended, and a source without a timer holds nothing.")]
internal sealed class HalfClosedClients
{
    private const int TcpLevel = 6; // IPPROTO_TCP
    private const int TcpInfo = 11; // TCP_INFO: its first byte is the connection's state
    private const byte CloseWait = 8; // TCP_CLOSE_WAIT: the peer has closed its sending side, and nothing else has happened

    private readonly ConnectionContext _connection;
    private readonly Socket _socket;
    private readonly CancellationTokenSource _closed = new();
    private readonly Lock _gate = new();
    private bool _isHalfClosed, _hasEnded;

    private HalfClosedClients(ConnectionContext connection, Socket socket) => (_connection, _socket) = (connection, socket);

    /// <summary>The first middleware of a listener. On systems other than Linux the server's own behaviour is kept.</summary>
    public static ConnectionDelegate Await(ConnectionDelegate next) => connection =>
        OperatingSystem.IsLinux() && connection.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket
            ? new HalfClosedClients(connection, socket).RunAsync(next)
            : next(connection);

    private async Task RunAsync(ConnectionDelegate next)
    {
        var transport = _connection.ConnectionClosed;
        _connection.ConnectionClosed = _closed.Token;
        _connection.Transport = new InputBeforeEnd(_connection.Transport);
        transport.UnsafeRegister(static self => ((HalfClosedClients)self!).OnTransportClosed(), this);
        try
        {
            await next(_connection);
        }
        finally
        {
            if (End())
            {
                // Remaining output is sent first, as for every other connection.
                await _connection.DisposeAsync();
                await _closed.CancelAsync();
            }
        }
    }

    /// <summary>
    /// The transport receives nothing more: the client has closed its sending side, or the connection was reset or aborted.
    /// </summary>
    private void OnTransportClosed()
    {
        lock (_gate)
        {
            _isHalfClosed = !_hasEnded && IsHalfClosed();
            if (_isHalfClosed)
            {
                // The transport no longer reads, so a reset would go unnoticed until something is sent.
                _connection.Features.Get<IConnectionHeartbeatFeature>()?.OnHeartbeat(static self => ((HalfClosedClients)self).Check(), this);
                return;
            }
        }

        _closed.Cancel();
    }

    /// <summary>Checks every second whether the half-closed connection was reset, or aborted by the server.</summary>
    private void Check()
    {
        if (!_closed.IsCancellationRequested && !IsHalfClosed())
            ThreadPool.UnsafeQueueUserWorkItem(static closed => closed.Cancel(), _closed, preferLocal: false);
    }

    private bool End()
    {
        lock (_gate)
        {
            _hasEnded = true;
            return _isHalfClosed;
        }
    }

    private bool IsHalfClosed()
    {
        Span<byte> state = stackalloc byte[1];
        try
        {
            return _socket.GetRawSocketOption(TcpLevel, TcpInfo, state) == 1 && state[0] == CloseWait;
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }
}
