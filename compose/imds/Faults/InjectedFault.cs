namespace TokenBroker.Imds.Faults;

/// <summary>A fault that was injected: what became of it, and the handle to clear it, which a <c>using</c> may do.</summary>
public sealed class InjectedFault : IDisposable
{
    private readonly FaultBoard _board;
    private readonly TimeProvider _time;
    private readonly long _since;
    private readonly CancellationTokenSource _ended = new();
    private readonly ITimer? _end;
    private int _met;

    internal InjectedFault(int id, Fault fault, FaultBoard board, TimeProvider time)
    {
        Id = id;
        Fault = fault;
        Ended = _ended.Token;
        _board = board;
        _time = time;
        _since = time.GetTimestamp();
        if (fault.Duration is { } duration)
            _end = time.CreateTimer(static self => ((InjectedFault)self!).Clear(), this, duration, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Counts up from 1 within one emulator; named by the record of the requests that met it.</summary>
    public int Id { get; }

    /// <summary>As injected.</summary>
    public Fault Fault { get; }

    /// <summary>How many requests met it so far.</summary>
    public int Met => Volatile.Read(ref _met);

    /// <summary>Whether the next matching request meets it: neither cleared, nor used up, nor over.</summary>
    public bool IsActive => !Ended.IsCancellationRequested && !(Met >= Fault.Count) && !IsOver;

    /// <summary>Cancelled when it is cleared or over: releases what it holds.</summary>
    internal CancellationToken Ended { get; }

    private bool IsOver => Fault.Duration is { } duration && _time.GetElapsedTime(_since) >= duration;

    /// <summary>Ends it, releases the requests that it holds, and takes it off the list. Safe to repeat.</summary>
    public void Clear()
    {
        _board.Remove(this);
        _end?.Dispose();
        // Never disposed: a request that met the fault may still register with its token. It owns no handle.
        _ended.Cancel();
    }

    void IDisposable.Dispose() => Clear();

    /// <summary>Only under the board's lock, so that a count is never exceeded.</summary>
    internal void Meet_NeedsLock() => Volatile.Write(ref _met, _met + 1);
}
