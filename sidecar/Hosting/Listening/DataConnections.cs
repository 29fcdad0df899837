using Microsoft.AspNetCore.Connections;

namespace TokenBroker.Hosting.Listening;

/// <summary>
/// The open client connections. A connection counts until the last byte of its last answer was passed to the system. This
/// can be longer than its request, if the client reads slowly.
/// </summary>
internal sealed class DataConnections
{
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public void Add(ConnectionContext connection)
    {
        Interlocked.Increment(ref _count);
        connection.ConnectionClosed.Register(static self => Interlocked.Decrement(ref ((DataConnections)self!)._count), this);
    }
}
