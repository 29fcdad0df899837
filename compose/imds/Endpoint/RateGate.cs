namespace TokenBroker.Imds.Endpoint;

/// <summary>
/// The limit of the managed-identity category: so many requests in any second and so many at once. Only accepted requests
/// count, so that a client that sends too many requests still gets its share.
/// </summary>
internal sealed class RateGate(ImdsRateLimit? limit, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Queue<long> _admitted = new();
    private int _inFlight;

    /// <summary>Requests being answered at this moment.</summary>
    internal int InFlight
    {
        get
        {
            lock (_lock)
                return _inFlight;
        }
    }

    /// <param name="concurrency">Requests being answered at this moment, including this one, accepted or not.</param>
    /// <returns>Whether it is accepted; <see cref="Leave"/> must follow then.</returns>
    internal bool Enter(out int concurrency)
    {
        lock (_lock)
        {
            concurrency = _inFlight + 1;
            if (limit is not null && !Admits_NeedsLock(limit, concurrency))
                return false;
            _inFlight++;
            return true;
        }
    }

    internal void Leave()
    {
        lock (_lock)
            _inFlight--;
    }

    private bool Admits_NeedsLock(ImdsRateLimit allowed, int concurrency)
    {
        var now = time.GetTimestamp();
        while (_admitted.TryPeek(out var oldest) && time.GetElapsedTime(oldest, now) >= TimeSpan.FromSeconds(1))
            _admitted.Dequeue();
        if (concurrency > allowed.Concurrent || _admitted.Count >= allowed.PerSecond)
            return false;
        _admitted.Enqueue(now);
        return true;
    }
}
