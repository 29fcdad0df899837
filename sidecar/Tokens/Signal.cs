namespace TokenBroker.Tokens;

/// <summary>
/// One event that happens once and that any number may wait for, each up to a limit of its own. A wait never throws and
/// says nothing of how it ended: whoever waited looks at what has become true. It goes on where the waiter's own context
/// wants it, never on the thread that set the signal, and so one that holds a lock may set it.
/// </summary>
internal sealed class Signal
{
    private readonly HashSet<TaskCompletionSource> _waiters = [];
    private bool _set;

    public bool IsSet
    {
        get
        {
            lock (_waiters)
                return _set;
        }
    }

    public void Set()
    {
        lock (_waiters)
        {
            _set = true;
            foreach (var waiter in _waiters)
                waiter.TrySetResult();
        }
    }

    /// <summary>Waits until it is set, the limit has passed, or the waiter is cancelled.</summary>
    public async Task WaitAsync(TimeSpan limit, TimeProvider time, CancellationToken cancellation)
    {
        var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_waiters)
        {
            if (_set)
                return;
            _waiters.Add(waiter);
        }

        using var timer = time.CreateTimer(End, waiter, WholeMilliseconds(limit), Timeout.InfiniteTimeSpan);
        using var registration = cancellation.UnsafeRegister(End, waiter);
        await waiter.Task;
        lock (_waiters)
            _waiters.Remove(waiter);
    }

    /// <summary>Timers cut fractions off: without rounding up, a loop's last one would be spent in waits of no time.</summary>
    private static TimeSpan WholeMilliseconds(TimeSpan wait) => TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds));

    private static void End(object? waiter) => ((TaskCompletionSource)waiter!).TrySetResult();
}
