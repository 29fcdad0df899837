namespace TokenBroker.Tokens;

/// <summary>
/// An event that happens once. Any number of waiters may wait for it, each with its own timeout. A wait never throws and
/// does not return how it ended: the waiter checks the state itself. It never continues on the thread that set the signal,
/// so code that holds a lock may set it.
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

    /// <summary>Waits until it is set, the timeout is over, or the waiter is cancelled.</summary>
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

    /// <summary>
    /// Timers drop fractions of a millisecond: without rounding up, a loop would end in many waits of zero length.
    /// </summary>
    private static TimeSpan WholeMilliseconds(TimeSpan wait) => TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds));

    private static void End(object? waiter) => ((TaskCompletionSource)waiter!).TrySetResult();
}
