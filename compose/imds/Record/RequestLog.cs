namespace TokenBroker.Imds;

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
            return [.. _entries.Select(e => e.Request)];
    }

    /// <param name="describe">Makes the record from the number that it gets.</param>
    internal Entry Arrive(Func<int, RecordedRequest> describe)
    {
        lock (_lock)
        {
            var entry = new Entry(this, describe(++_lastNumber));
            _entries.Add(entry);
            foreach (var waiter in _waiters.Where(w => w.Count <= _entries.Count).ToArray())
            {
                _waiters.Remove(waiter);
                waiter.Arrived.TrySetResult();
            }
            return entry;
        }
    }

    /// <summary>Numbers go on; a pending request that is cleared leaves no trace.</summary>
    internal void Clear()
    {
        lock (_lock)
            _entries.Clear();
    }

    /// <summary>Completes when at least <paramref name="count"/> requests have arrived since the last <see cref="Clear"/>.</summary>
    internal async Task WaitForAsync(int count, CancellationToken cancellationToken)
    {
        Waiter waiter;
        lock (_lock)
        {
            if (_entries.Count >= count)
                return;
            waiter = new(count, new(TaskCreationOptions.RunContinuationsAsynchronously));
            _waiters.Add(waiter);
        }
        try
        {
            await waiter.Arrived.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            lock (_lock)
                _waiters.Remove(waiter);
        }
    }

    private sealed record Waiter(int Count, TaskCompletionSource Arrived);

    /// <summary>A request whose record is still being written.</summary>
    internal sealed class Entry(RequestLog log, RecordedRequest request)
    {
        internal RecordedRequest Request { get; private set; } = request;

        internal void Update(Func<RecordedRequest, RecordedRequest> change)
        {
            lock (log._lock)
                Request = change(Request);
        }
    }
}
