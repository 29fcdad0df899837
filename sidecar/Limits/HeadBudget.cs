using System.Collections.Concurrent;

namespace TokenBroker.Limits;

/// <summary>
/// Limits the total size of request heads: those that are incomplete, and those of refused requests whose clients have not
/// yet read the answer or sent the rest. Beyond it, the connection with the longest head is closed.
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

    /// <summary>Counts the bytes that a head gained or released.</summary>
    public void Change(long bytes)
    {
        var held = Interlocked.Add(ref _held, bytes);
        while (bytes > 0 && held > max)
        {
            // NOTE: not the one that grew. Otherwise a caller with long heads could block all others.
            if (_heads.Keys.MaxBy(head => head.Held) is not { Held: > 0 } longest)
                return;
            longest.Close();
            held = Held;
        }
    }
}
