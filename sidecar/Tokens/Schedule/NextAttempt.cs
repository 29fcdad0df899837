namespace TokenBroker.Tokens.Schedule;

/// <summary>
/// The moment of the next attempt, on both clocks: it is due when one of them says so, because the monotonic clock stops
/// while the host is suspended. But it is never sooner after the last attempt than the minimum distance by the monotonic
/// clock, so that a wall clock that jumps cannot cause many attempts.
/// </summary>
internal readonly struct NextAttempt
{
    private readonly DateTimeOffset _setOn;
    private readonly long _setAt;
    private readonly TimeSpan _wait;
    private readonly TimeSpan _waitOfRequests;
    private readonly TimeSpan _floor;
    private readonly bool _first;

    private NextAttempt(TimeSpan wait, TimeSpan waitOfRequests, TimeSpan floor, bool first, TimeProvider time)
    {
        (_wait, _waitOfRequests, _floor, _first) = (wait, waitOfRequests, floor, first);
        (_setOn, _setAt) = (time.GetUtcNow(), time.GetTimestamp());
    }

    public static NextAttempt Now(TimeProvider time) => new(TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, first: true, time);

    /// <param name="wait">Time from now until it is due.</param>
    /// <param name="waitOfRequests">The same while requests wait and no token is usable; null if they change nothing.</param>
    /// <param name="floor">The minimum distance from now while a token is usable.</param>
    /// <param name="time">The clocks.</param>
    public static NextAttempt After(TimeSpan wait, TimeSpan? waitOfRequests, TimeSpan floor, TimeProvider time) =>
        new(wait, waitOfRequests is { } shorter && shorter < wait ? shorter : wait, floor, first: false, time);

    /// <summary>Time until it is due.</summary>
    /// <param name="serving">The remaining lifetime of the token in use; zero if there is none. The minimum distance ends with it.</param>
    /// <param name="requestsWait">Whether requests wait and no token is usable.</param>
    /// <param name="time">The clocks.</param>
    public TimeSpan In(TimeSpan serving, bool requestsWait, TimeProvider time)
    {
        var monotonic = SinceSet(time);
        var elapsed = Max(monotonic, time.GetUtcNow() - _setOn);
        var floor = _floor - monotonic < serving ? _floor - monotonic : serving;
        return Max(Max((requestsWait ? _waitOfRequests : _wait) - elapsed, floor), UntilItMayComeForward(time));
    }

    /// <summary>Time until an early attempt is allowed.</summary>
    public TimeSpan UntilItMayComeForward(TimeProvider time) =>
        _first ? TimeSpan.Zero : Max(RefreshSchedule.MinFloor - SinceSet(time), TimeSpan.Zero);

    /// <summary>Time since the last attempt ended, by the monotonic clock.</summary>
    public TimeSpan SinceSet(TimeProvider time) => time.GetElapsedTime(_setAt);

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
