using Microsoft.AspNetCore.Connections;

namespace TokenBroker.Hosting.Listening;

/// <summary>
/// The connections of clients that are open. One stays so until the last byte of its last answer is with the system: longer
/// than its request, whose end waits in a buffer while its client reads slowly.
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
