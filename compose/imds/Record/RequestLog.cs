namespace TokenBroker.Imds.Record;

/// <summary>Every request in the order of arrival. Grows until it is cleared.</summary>
internal sealed class RequestLog
{
    private readonly Lock _lock = new();
    private readonly List<Entry> _entries = [];
    private readonly List<Waiter> _waiters = [];
    private int _lastNumber;

    internal IReadOnlyList<RecordedRequest> Snapshot()
    {
        lock (_lock)
            return Snapshot_NeedsLock();
    }

    /// <param name="describe">Makes the record from the number that it gets.</param>
    internal Entry Arrive(Func<int, RecordedRequest> describe)
    {
        lock (_lock)
        {
            var entry = new Entry(this, describe(++_lastNumber));
            _entries.Add(entry);
            Notify_NeedsLock();
            return entry;
        }
    }

    /// <summary>Numbers go on; a pending request that is cleared leaves no trace.</summary>
    internal void Clear()
    {
        lock (_lock)
        {
            _entries.Clear();
            Notify_NeedsLock();
        }
    }

    /// <summary>Completes with the first state of the record that meets the condition, the present one included.</summary>
    internal async Task<IReadOnlyList<RecordedRequest>> WaitForAsync(
        Func<IReadOnlyList<RecordedRequest>, bool> condition, CancellationToken cancellationToken)
    {
        var waiter = new Waiter(condition, new(TaskCreationOptions.RunContinuationsAsynchronously));
        lock (_lock)
        {
            _waiters.Add(waiter);
            Notify_NeedsLock();
        }
        try
        {
            return await waiter.Met.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            lock (_lock)
                _waiters.Remove(waiter);
        }
    }

    private IReadOnlyList<RecordedRequest> Snapshot_NeedsLock() => [.. _entries.Select(e => e.Request)];

    private void Notify_NeedsLock()
    {
        // A long record is copied only if there is a waiter.
        if (_waiters.Count == 0)
            return;
        var snapshot = Snapshot_NeedsLock();
        foreach (var waiter in _waiters)
            waiter.Offer(snapshot);
    }

    private sealed record Waiter(Func<IReadOnlyList<RecordedRequest>, bool> Condition, TaskCompletionSource<IReadOnlyList<RecordedRequest>> Met)
    {
        internal void Offer(IReadOnlyList<RecordedRequest> snapshot)
        {
            try
            {
                if (Condition(snapshot))
                    Met.TrySetResult(snapshot);
            }
            catch (Exception e)
            {
                // The condition is the waiter's own code: its failure belongs to the waiter, not to the request.
                Met.TrySetException(e);
            }
        }
    }

    /// <summary>A request whose record is still being written.</summary>
    internal sealed class Entry(RequestLog log, RecordedRequest request)
    {
        internal RecordedRequest Request { get; private set; } = request;

        internal void Update(Func<RecordedRequest, RecordedRequest> change)
        {
            lock (log._lock)
            {
                Request = change(Request);
                log.Notify_NeedsLock();
            }
        }
    }
}
