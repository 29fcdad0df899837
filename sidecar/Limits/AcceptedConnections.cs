using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace TokenBroker.Limits;

/// <summary>The connections of one kind of listener, from accept until the socket is closed.</summary>
/// <param name="max">The maximum number of open connections.</param>
/// <param name="replacesOldest">
/// True if a further connection closes the oldest one, false if the further connection itself is closed. As many again may
/// be closing; each has its descriptor until it is closed.
/// </param>
internal sealed class AcceptedConnections(int max, bool replacesOldest)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<AcceptedConnection> _open = new();
    private int _count;

    /// <returns>Whether the connection may stay, and which one must be closed for it.</returns>
    public (bool IsAccepted, AcceptedConnection? Replaced) Add(AcceptedConnection connection)
    {
        lock (_lock)
        {
            if (_count >= (replacesOldest ? 2 * max : max))
                return (false, null);
            _count++;
            var replaced = _open.Count >= max ? _open.First?.Value : null;
            if (replaced is not null)
                _open.RemoveFirst();
            connection.Node = _open.AddLast(connection);
            return (true, replaced);
        }
    }

    public void Remove(AcceptedConnection connection)
    {
        lock (_lock)
        {
            _count--;
            if (connection.Node is { List: not null } node)
                _open.Remove(node);
        }
    }
}

/// <summary>A connection that is counted until its socket is closed, which may be long after its last request.</summary>
internal sealed class AcceptedConnection(ConnectionContext inner, AcceptedConnections connections) : ConnectionContext
{
    private int _closed;

    /// <summary>Its entry in the list of open connections. Belongs to <see cref="AcceptedConnections"/>.</summary>
    public LinkedListNode<AcceptedConnection>? Node { get; set; }

    public override string ConnectionId
    {
        get => inner.ConnectionId;
        set => inner.ConnectionId = value;
    }

    public override IFeatureCollection Features => inner.Features;

    public override IDictionary<object, object?> Items
    {
        get => inner.Items;
        set => inner.Items = value;
    }

    public override IDuplexPipe Transport
    {
        get => inner.Transport;
        set => inner.Transport = value;
    }

    public override CancellationToken ConnectionClosed
    {
        get => inner.ConnectionClosed;
        set => inner.ConnectionClosed = value;
    }

    public override EndPoint? LocalEndPoint
    {
        get => inner.LocalEndPoint;
        set => inner.LocalEndPoint = value;
    }

    public override EndPoint? RemoteEndPoint
    {
        get => inner.RemoteEndPoint;
        set => inner.RemoteEndPoint = value;
    }

    public override void Abort() => inner.Abort();

    public override void Abort(ConnectionAbortedException abortReason) => inner.Abort(abortReason);

    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync();
        await base.DisposeAsync();
        if (Interlocked.Exchange(ref _closed, 1) == 0)
            connections.Remove(this);
    }
}
