namespace TokenBroker.Tokens;

/// <summary>
/// The moment of the next attempt, on both clocks: it is due when either says so, since the monotonic one stands still
/// while the host is suspended; but never sooner than a second after the last attempt by the monotonic clock, so that a
/// wall clock that jumps about cannot make attempts follow each other.
/// </summary>
internal readonly struct NextAttempt
{
    private static readonly TimeSpan Closest = TimeSpan.FromSeconds(1);

    private readonly DateTimeOffset _setOn;
    private readonly long _setAt;
    private readonly TimeSpan _wait;
    private readonly bool _first;

    private NextAttempt(TimeSpan wait, bool first, TimeProvider time)
    {
        (_wait, _first) = (wait, first);
        (_setOn, _setAt) = (time.GetUtcNow(), time.GetTimestamp());
    }

    public static NextAttempt Now(TimeProvider time) => new(TimeSpan.Zero, first: true, time);

    public static NextAttempt After(TimeSpan wait, TimeProvider time) => new(wait, first: false, time);

    public bool IsDue(TimeProvider time) => In(time) <= TimeSpan.Zero;

    /// <summary>Time until it is due.</summary>
    public TimeSpan In(TimeProvider time)
    {
        var elapsed = Max(time.GetElapsedTime(_setAt), time.GetUtcNow() - _setOn);
        return Max(Max(_wait - elapsed, UntilItMayComeForward(time)), TimeSpan.Zero);
    }

    /// <summary>True once an attempt that somebody wants may be made before its time.</summary>
    public bool MayComeForward(TimeProvider time) => UntilItMayComeForward(time) <= TimeSpan.Zero;

    public TimeSpan UntilItMayComeForward(TimeProvider time) =>
        _first ? TimeSpan.Zero : Max(Closest - time.GetElapsedTime(_setAt), TimeSpan.Zero);

    /// <summary>Time since the last attempt ended, by the monotonic clock.</summary>
    public TimeSpan SinceSet(TimeProvider time) => time.GetElapsedTime(_setAt);

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
