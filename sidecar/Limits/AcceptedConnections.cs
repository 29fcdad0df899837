using Microsoft.AspNetCore.Connections;

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
