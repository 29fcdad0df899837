using System.Collections.Concurrent;

namespace TokenBroker.Limits;

/// <summary>
/// Bounds the request heads that are held in sum: those that are incomplete, and those of requests that were refused and
/// whose clients have not read or sent the rest. Beyond it, the connection with the longest head is closed.
/// </summary>
internal sealed class HeadBudget(long max)
{
    private readonly ConcurrentDictionary<ClientHead, bool> _heads = new();
    private long _held;

    public long Held => Interlocked.Read(ref _held);

    public void Add(ClientHead head) => _heads.TryAdd(head, true);

    public void Remove(ClientHead head)
    {
        _heads.TryRemove(head, out _);
        head.Release();
    }

    /// <summary>Counts bytes that a head has grown by, or has given back.</summary>
    public void Change(long bytes)
    {
        var held = Interlocked.Add(ref _held, bytes);
        while (bytes > 0 && held > max)
        {
            // NOTE: not the one that grew. A caller with long heads would keep out all others.
            if (_heads.Keys.MaxBy(head => head.Held) is not { Held: > 0 } longest)
                return;
            longest.Close();
            held = Held;
        }
    }
}
