namespace TokenBroker.Tests.Tokens.Simulation;

/// <summary>
/// Runs all continuations on one thread, in the order in which they came: what the test clock fires and what follows from
/// it is done before time goes on, and the same seed gives the same run.
/// </summary>
internal sealed class Pump : SynchronizationContext
{
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _posted = new();
    private int _thread;

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (Environment.CurrentManagedThreadId != _thread)
            throw new InvalidOperationException("Something went on outside the pump: the run is no longer reproducible.");
        _posted.Enqueue((d, state));
    }

    public void Drain()
    {
        while (DrainOne())
        {
        }
    }

    /// <returns>False if nothing was left to do.</returns>
    public bool DrainOne()
    {
        if (!_posted.TryDequeue(out var posted))
            return false;
        posted.Callback(posted.State);
        return true;
    }

    /// <summary>Runs an action with this pump as the thread's context.</summary>
    public void Run(Action action)
    {
        var outer = Current;
        _thread = Environment.CurrentManagedThreadId;
        SetSynchronizationContext(this);
        try
        {
            action();
        }
        finally
        {
            SetSynchronizationContext(outer);
        }
    }
}
