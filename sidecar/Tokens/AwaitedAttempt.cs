using System.Diagnostics;

namespace TokenBroker.Tokens;

/// <summary>
/// The attempt that is under way, or else the next one: what everybody who waits for it holds on to. So a waiter learns
/// of the very attempt that it waited for, even if more have been made by the time that it looks.
/// </summary>
internal sealed class AwaitedAttempt(TimeProvider time)
{
    private readonly Signal _ended = new();

    /// <summary>The attempt's span, once it has begun and if anybody traces.</summary>
    public ActivityContext? Trace { get; private set; }

    /// <summary>What it came to, once it has ended.</summary>
    public AttemptResult? Result { get; private set; }

    public void Begin(ActivityContext? trace) => Trace = trace;

    public void End(AttemptResult result)
    {
        Result = result;
        _ended.Set();
    }

    /// <summary>
    /// Waits for its end, and throws only if the caller gives up: the attempt goes on. The span of the request that waited
    /// points at the attempt.
    /// </summary>
    public async Task WaitAsync(TimeSpan limit, CancellationToken caller)
    {
        await _ended.WaitAsync(limit, time, caller);
        if (Trace is { } context)
            Activity.Current?.AddLink(new ActivityLink(context));
        caller.ThrowIfCancellationRequested();
    }
}
