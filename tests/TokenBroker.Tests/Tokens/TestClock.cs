namespace TokenBroker.Tests.Tokens;

/// <summary>
/// A clock with three times that can part: true time, which only moves forward; the monotonic clock, which stands still
/// in a suspend and drives the timers; and the wall clock, which may be set to anything.
/// </summary>
internal sealed class TestClock : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<TestTimer> _timers = [];
    private DateTimeOffset _true = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private TimeSpan _monotonic = TimeSpan.FromDays(1);
    private TimeSpan _wallError;

    public DateTimeOffset TrueTime
    {
        get
        {
            lock (_gate)
                return _true;
        }
    }

    /// <summary>How far the wall clock is ahead of true time.</summary>
    public TimeSpan WallError
    {
        get
        {
            lock (_gate)
                return _wallError;
        }
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
            return _true + _wallError;
    }

    public override long GetTimestamp()
    {
        lock (_gate)
            return _monotonic.Ticks;
    }

    /// <summary>All three clocks go on; timers fire in order, each at its time.</summary>
    public void Advance(TimeSpan by)
    {
        DateTimeOffset end;
        lock (_gate)
            end = _true + by;
        while (true)
        {
            TestTimer? due;
            lock (_gate)
            {
                due = First_NeedsGate();
                var step = due is null ? end - _true : Max(due.DueAt!.Value - _monotonic, TimeSpan.Zero);
                if (due is null || _true + step > end)
                {
                    _monotonic += end - _true;
                    _true = end;
                    return;
                }

                _monotonic += step;
                _true += step;
                due.Expire_NeedsGate();
            }

            due.Fire();
        }
    }

    /// <summary>The host sleeps: true and wall time go on, the monotonic clock and the timers stand still.</summary>
    public void Suspend(TimeSpan by)
    {
        lock (_gate)
            _true += by;
    }

    /// <summary>Somebody sets the wall clock.</summary>
    public void JumpWall(TimeSpan by)
    {
        lock (_gate)
            _wallError += by;
    }

    /// <summary>Time until the next timer fires; null if none is set.</summary>
    public TimeSpan? NextTimer
    {
        get
        {
            lock (_gate)
                return First_NeedsGate()?.DueAt - _monotonic;
        }
    }

    /// <summary>How many timers run: a loop whose timer does not run yet would set it by the time after the next step.</summary>
    public int RunningTimers
    {
        get
        {
            lock (_gate)
                return _timers.Count(timer => timer.DueAt is not null);
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new TestTimer(this, callback, state);
        lock (_gate)
            _timers.Add(timer);
        timer.Change(dueTime, period);
        return timer;
    }

    private TestTimer? First_NeedsGate()
    {
        TestTimer? first = null;
        foreach (var timer in _timers)
        {
            if (timer.DueAt is not null && (first is null || timer.DueAt < first.DueAt))
                first = timer;
        }

        return first;
    }

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private sealed class TestTimer(TestClock clock, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period = Timeout.InfiniteTimeSpan;

        public TimeSpan? DueAt { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._gate)
            {
                DueAt = dueTime == Timeout.InfiniteTimeSpan ? null : clock._monotonic + dueTime;
                _period = period;
            }

            return true;
        }

        public void Expire_NeedsGate() =>
            DueAt = _period == Timeout.InfiniteTimeSpan || _period == TimeSpan.Zero ? null : DueAt + _period;

        public void Fire() => callback(state);

        public void Dispose()
        {
            lock (clock._gate)
                clock._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
