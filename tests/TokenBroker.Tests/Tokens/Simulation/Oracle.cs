namespace TokenBroker.Tests.Tokens.Simulation;

/// <summary>A token as it was issued: its value, and the moment in true time from which storage refuses it.</summary>
internal sealed record Issue(string Value, DateTimeOffset TrueExpiry);

/// <summary>An answer of the endpoint that carries a token.</summary>
/// <param name="Issue">The token.</param>
/// <param name="Json">The body.</param>
/// <param name="StatedExpiry">Its expiry as the answer states it, for one who reads it by the sidecar's wall clock.</param>
/// <param name="ExpiresIn">The life in seconds, if the answer states one.</param>
internal sealed record Answer(Issue Issue, string Json, DateTimeOffset StatedExpiry, TimeSpan? ExpiresIn);

/// <summary>
/// Judges a run by true time and by what the endpoint handed out; it never looks at the entry. Four rules:
/// <list type="number">
/// <item>No request is refused while a token that was handed out is valid, the last one or an earlier one. Excused only while the local clock is
/// ahead of the issuer's by more than what is left of it; or, where the answer did not state a life in seconds, was ahead
/// by that much when it came. And no request is refused once the endpoint has answered well for longer than any backoff.</item>
/// <item>No token is sent past its true expiry by more than the local clock is behind the issuer's.</item>
/// <item>Attempts are no closer than the floor of the token that serves, from the end of the one to the beginning of the
/// other; and than a second without such a token, or if the operator asked. An endpoint that gave the same token again is
/// left alone until half of what was left has passed, unless a clock jumps, storage rejects the token or the operator asks.
/// </item>
/// <item>For a minute after a request was refused, no attempt begins more than ten seconds after the last one ended, or after
/// the refusal if that came later. Excused where the endpoint throttled or asked for a wait, and once a token came, a request
/// was served or a clock jumped.</item>
/// </list>
/// </summary>
internal sealed class Oracle(TestClock clock)
{
    /// <summary>Answers state whole seconds.</summary>
    private static readonly TimeSpan Rounding = TimeSpan.FromSeconds(1.01);

    /// <summary>The longest backoff with its jitter, and the time limit of an attempt that was under way.</summary>
    private static readonly TimeSpan MaxRecovery = TimeSpan.FromSeconds(90);

    private readonly Dictionary<string, Handed> _handed = [];
    private Handed? _last;
    private int _issued;
    private TimeSpan _goodSince;
    private TimeSpan? _lastAttempt;
    private bool _operatorAsked;
    private bool _served;
    private DateTimeOffset? _notBefore;
    private TimeSpan? _refused;
    private bool _askedForMore;

    public string? Violation { get; private set; }

    public int Attempts { get; private set; }

    public int Sent { get; private set; }

    public int Refusals { get; private set; }

    private TimeSpan Monotonic => TimeSpan.FromTicks(clock.GetTimestamp());

    public Issue Issued(DateTimeOffset trueExpiry) => new($"token-{++_issued}", trueExpiry);

    public bool IsExpired(string header) => _handed.TryGetValue(header, out var handed) && handed.Left(clock) <= TimeSpan.Zero;

    /// <summary>An answer arrived. What is expired by the sidecar's own clock it is right to turn down.</summary>
    public void Delivered(Answer answer)
    {
        if (answer.StatedExpiry <= clock.GetUtcNow())
            return;
        var same = _last?.Value == answer.Issue.Value;
        _last = new(answer, clock);
        _notBefore = same ? clock.TrueTime + _last.Life / 2 : null;
        _handed["Bearer " + answer.Issue.Value] = _last;
        _refused = null;
    }

    /// <summary>The endpoint fails, or the clock is wrong: whatever was going well begins anew.</summary>
    public void Disturbed() => _goodSince = Max(_goodSince, Monotonic);

    public void AskedToWait(TimeSpan wait)
    {
        _goodSince = Max(_goodSince, Monotonic + (wait < TimeSpan.FromHours(1) ? wait : TimeSpan.FromHours(1)));
        _askedForMore = true;
    }

    public void Throttled() => _askedForMore = true;

    public void ClockJumped()
    {
        Disturbed();
        (_notBefore, _refused) = (null, null);
    }

    public void OperatorAsked() => (_operatorAsked, _notBefore) = (true, null);

    public void Rejected() => _notBefore = null;

    public void Attempted()
    {
        Attempts++;
        var floor = _operatorAsked || !_served || _last?.MustServe(clock, Rounding) != true ? 1 : Math.Clamp(_last.Life.TotalSeconds / 20, 1, 60);
        if (_lastAttempt is { } last && Monotonic - last < TimeSpan.FromSeconds(floor - 0.002))
            Fail($"two attempts within {(Monotonic - last).TotalSeconds:0.###} s, the floor is {floor:0.###} s");
        if (clock.TrueTime < _notBefore - TimeSpan.FromSeconds(0.002))
            Fail($"asked again {_notBefore - clock.TrueTime} too early: the token was the same as before");
        if (_refused is { } refused && !_askedForMore && _lastAttempt is { } ended)
        {
            var due = Max(ended + TimeSpan.FromSeconds(10), refused);
            if (due < refused + TimeSpan.FromSeconds(59) && Monotonic - due > TimeSpan.FromSeconds(0.01))
                Fail($"requests wait, and the last attempt ended {(Monotonic - ended).TotalSeconds:0.###} s ago");
        }

        (_operatorAsked, _notBefore, _askedForMore) = (false, null, false);
    }

    public void AttemptEnded() => (_lastAttempt, _served) = (Monotonic, _last?.MustServe(clock, Rounding) == true);

    public void TokenSent(string header)
    {
        Sent++;
        _refused = null;
        if (!_handed.TryGetValue(header, out var handed))
            Fail("a token was sent that the endpoint never gave");
        else if (-handed.Left(clock) is var past && past > Max(-handed.Ahead(clock)) + Rounding)
            Fail($"a token was sent {past} past its expiry, and the clock is ahead by {handed.Ahead(clock)}");
    }

    /// <param name="weather">What the endpoint does at this time.</param>
    /// <param name="reason">The sidecar's reason.</param>
    public void Refused(Condition weather, string reason)
    {
        Refusals++;
        _refused = Monotonic;
        if (_handed.Values.FirstOrDefault(handed => handed.MustServe(clock, Rounding)) is { } valid)
            Fail($"refused ({reason}) with {valid.Left(clock)} left of a token, and the clock ahead by {valid.Ahead(clock)}");
        var good = weather == Condition.Healthy && clock.WallError <= TimeSpan.Zero;
        if (good && Monotonic - _goodSince > MaxRecovery)
            Fail($"refused ({reason}), and the endpoint has been answering for {Monotonic - _goodSince}");
    }

    public void Fail(string violation) =>
        Violation ??= $"{clock.TrueTime:yyyy-MM-ddTHH:mm:ss.fff}Z, wall clock {clock.WallError.TotalSeconds:+0.#;-0.#;0} s: {violation}";

    private static TimeSpan Max(TimeSpan a, TimeSpan b = default) => a > b ? a : b;

    /// <summary>A token and how the sidecar received it.</summary>
    private sealed class Handed(Answer answer, TestClock clock)
    {
        private readonly TimeSpan _use = answer.ExpiresIn ?? answer.StatedExpiry - clock.GetUtcNow();
        private readonly DateTimeOffset _receivedOn = clock.TrueTime;

        /// <summary>From receipt to expiry, as the sidecar's clocks showed it then.</summary>
        public TimeSpan Life { get; } = answer.ExpiresIn is { } stated && stated < answer.StatedExpiry - clock.GetUtcNow()
            ? stated
            : answer.StatedExpiry - clock.GetUtcNow();

        public string Value => answer.Issue.Value;

        public TimeSpan Left(TestClock now) => answer.Issue.TrueExpiry - now.TrueTime;

        /// <summary>How far the local wall clock is ahead of the issuer's: what it takes from the token's life.</summary>
        public TimeSpan Ahead(TestClock now) => Left(now) - (answer.StatedExpiry - now.GetUtcNow());

        /// <summary>True if nothing excuses that this token is not used.</summary>
        public bool MustServe(TestClock now, TimeSpan slack)
        {
            var shortened = answer.Issue.TrueExpiry - _receivedOn - _use;
            return Left(now) > Max(Max(Ahead(now)), shortened) + slack;
        }
    }
}
