using System.Diagnostics;

namespace TokenBroker.Tokens;

/// <summary>
/// The current attempt, or the next one if none runs. All waiters keep a reference to it, so a waiter gets the result of
/// its own attempt, even if further attempts were made before it reads the result.
/// </summary>
internal sealed class AwaitedAttempt(TimeProvider time)
{
    private readonly Signal _ended = new();

    /// <summary>
    /// The attempt's span, if it has begun and tracing is on. Boxed, because a waiter whose timeout is over reads it at any
    /// moment.
    /// </summary>
    private volatile object? _trace;

    /// <summary>The result, after the attempt has ended.</summary>
    public AttemptResult? Result { get; private set; }

    public void Begin(ActivityContext? trace) => _trace = trace;

    public void End(AttemptResult result)
    {
        Result = result;
        _ended.Set();
    }

    /// <summary>
    /// The attempt will not be made: its waiters check the state again. Not used for an attempt that an operator waits for.
    /// </summary>
    public void Drop() => _ended.Set();

    /// <summary>
    /// Waits for its end, and throws only if the caller gives up: the attempt continues. The span of the waiting request
    /// gets a link to the attempt.
    /// </summary>
    public async Task WaitAsync(TimeSpan limit, CancellationToken caller)
    {
        await _ended.WaitAsync(limit, time, caller);
        if (_trace is ActivityContext context)
            Activity.Current?.AddLink(new ActivityLink(context));
        caller.ThrowIfCancellationRequested();
    }
}
