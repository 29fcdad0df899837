using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace TokenBroker.Limits;

/// <summary>
/// Kestrel's socket transport with a connection limit for each kind of listener. The process must never use all its
/// descriptors, because Kestrel's accept loop would then spin.
/// </summary>
internal sealed class BoundedTransport(SocketTransportFactory sockets, TimeProvider time) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => sockets.CanBind(endpoint);

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var listener = await sockets.BindAsync(endpoint, cancellationToken);
        return endpoint is LimitedEndPoint limited ? new BoundedListener(listener, limited.Connections, time) : listener;
    }

    private sealed class BoundedListener(IConnectionListener inner, AcceptedConnections connections, TimeProvider time) : IConnectionListener
    {
        /// <summary>How many connections beyond the limit are closed at once, and how many per second after that.</summary>
        private const double MaxClosedAtOnce = 2000;
        private const double MaxClosedPerSecond = 200;

        /// <summary>Clients that reconnect in a loop then wait in the system's queue, and cost almost nothing.</summary>
        private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

        private readonly CancellationTokenSource _unbound = new();
        private double _mayClose = MaxClosedAtOnce;
        private long _lastClosed = time.GetTimestamp();

        public EndPoint EndPoint => inner.EndPoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            while (await inner.AcceptAsync(cancellationToken) is { } accepted)
            {
                var connection = new AcceptedConnection(accepted, connections);
                var (isAccepted, replaced) = connections.Add(connection);
                replaced?.Abort(new ConnectionAbortedException("A newer connection replaced it."));
                if (!isAccepted)
                {
                    await accepted.DisposeAsync(); // in order: a reset could make the client's connect itself fail
                }

                if ((!isAccepted || replaced is not null) && !MayCloseAnother())
                    await Task.Delay(Pause, time, _unbound.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (isAccepted)
                    return connection;
            }

            return null;
        }

        private bool MayCloseAnother()
        {
            _mayClose = Math.Min(MaxClosedAtOnce, _mayClose + (time.GetElapsedTime(_lastClosed).TotalSeconds * MaxClosedPerSecond)) - 1;
            _lastClosed = time.GetTimestamp();
            return _mayClose >= 0;
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            _unbound.Cancel();
            return inner.UnbindAsync(cancellationToken);
        }

        public ValueTask DisposeAsync()
        {
            _unbound.Dispose();
            return inner.DisposeAsync();
        }
    }
}
