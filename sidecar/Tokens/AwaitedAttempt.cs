using System.Diagnostics;

namespace TokenBroker.Tokens;

/// <summary>
/// The attempt that is under way, or else the next one: what everybody who waits for it holds on to. So a waiter learns
/// of the very attempt that it waited for, even if more have been made by the time that it looks.
/// </summary>
internal sealed class AwaitedAttempt(TimeProvider time)
{
    private readonly Signal _ended = new();

    /// <summary>The attempt's span, once it has begun and if anybody traces. Boxed: a waiter whose time is up reads it at any moment.</summary>
    private volatile object? _trace;

    /// <summary>What it came to, once it has ended.</summary>
    public AttemptResult? Result { get; private set; }

    public void Begin(ActivityContext? trace) => _trace = trace;

    public void End(AttemptResult result)
    {
        Result = result;
        _ended.Set();
    }

    /// <summary>It will not be made after all: whoever waits looks again. Not for one that an operator waits for.</summary>
    public void Drop() => _ended.Set();

    /// <summary>
    /// Waits for its end, and throws only if the caller gives up: the attempt goes on. The span of the request that waited
    /// points at the attempt.
    /// </summary>
    public async Task WaitAsync(TimeSpan limit, CancellationToken caller)
    {
        await _ended.WaitAsync(limit, time, caller);
        if (_trace is ActivityContext context)
            Activity.Current?.AddLink(new ActivityLink(context));
        caller.ThrowIfCancellationRequested();
    }
}
