using TokenBroker.Tokens.Schedule;

namespace TokenBroker.Tokens;

/// <summary>
/// What an entry knows: its token, the failures since, and when to ask next. Changes only by an attempt's answer, and
/// only under the entry's gate; the token alone may be read without it.
/// </summary>
internal sealed class EntryState(string identity, string source, TimeProvider time, Random random, ILogger logger)
{
    private volatile BearerToken? _token;

    /// <summary>How many are kept in reserve: two clocks can make a few tokens each the best of a moment to come, and not many.</summary>
    private const int MostInReserve = 8;

    /// <summary>
    /// Received before it, and each usable at some moment at which no other is: an endpoint that gives out an older token, even
    /// one that has expired while this host's clock is behind, must not cost the requests the better ones.
    /// </summary>
    private volatile BearerToken[] _reserve = [];

    private readonly List<Action> _messages = [];
    private DateTimeOffset? _failingSince;
    private long _receivedAt;
    private int _failures;
    private int _timeouts;
    private Startup _startup = Startup.NotReady;

    /// <summary>The token that serves; if none does, the one that was received last.</summary>
    public BearerToken? Token => Usable ?? _token;

    /// <summary>Why the last attempt failed; null if it did not.</summary>
    public TokenFailure? Failure { get; private set; }

    public NextAttempt Next { get; private set; } = NextAttempt.Now(time);

    /// <summary>Time until the next attempt is due.</summary>
    /// <param name="requestsWait">Whether requests asked for a token lately and found none.</param>
    public TimeSpan NextIn(bool requestsWait) => Usable is { } token
        ? Next.In(token.Remaining(time), requestsWait: false, time)
        : Next.In(TimeSpan.Zero, requestsWait, time);

    /// <summary>The token, if one can be sent now.</summary>
    public BearerToken? Usable => IfUsable(_token) ?? InReserve(except: null);

    /// <summary>How long an attempt that begins now may take.</summary>
    /// <param name="configured">The source's limit while a token serves.</param>
    public TimeSpan MaxAttempt(TimeSpan configured) => RefreshSchedule.MaxAttemptAfter(configured, Usable?.Remaining(time), _timeouts);

    /// <summary>Time since the token was received for the first time.</summary>
    private TimeSpan? Age => _token is null ? null : time.GetElapsedTime(_receivedAt);

    /// <summary>A token that can be sent in the place of one that storage rejected.</summary>
    public BearerToken? OtherThan(BearerToken rejected) =>
        IfUsable(_token) is { } token && !token.IsSameAs(rejected) ? token : InReserve(rejected);

    public TokenOutcome Accept(TokenAnswer answer) => answer.Token is { } token ? Take(token) : Fail(answer.Failure!);

    /// <summary>What there is to log, for after the gate: a log must not be able to hold up the requests.</summary>
    public IReadOnlyList<Action> TakeMessages()
    {
        IReadOnlyList<Action> taken = [.. _messages];
        _messages.Clear();
        return taken;
    }

    public TokenSnapshot Snapshot(bool attempting, bool requestsWait)
    {
        var token = Token;
        var state = (Usable is not null, attempting) switch
        {
            (true, true) => TokenState.Refreshing,
            (true, false) => Failure is null ? TokenState.Fresh : TokenState.Stale,
            (false, true) => TokenState.Acquiring,
            _ => token is null ? TokenState.None : TokenState.Expired,
        };
        return new(state, token?.ExpiresOn, token?.Remaining(time), Age, Failure, _failingSince, NextIn(requestsWait));
    }

    private BearerToken? IfUsable(BearerToken? candidate) => candidate is { } token && token.IsUsable(time) ? token : null;

    private BearerToken? InReserve(BearerToken? except)
    {
        foreach (var token in _reserve)
        {
            if (IfUsable(token) is not null && except?.IsSameAs(token) != true)
                return token;
        }

        return null;
    }

    /// <summary>Also one that is not usable now: a clock that is ahead may be set right.</summary>
    private BearerToken[] ReserveOf(BearerToken newest)
    {
        List<BearerToken> kept = [newest];
        foreach (var other in _reserve.Append(_token).OfType<BearerToken>().OrderByDescending(other => other.Remaining(time)))
        {
            if (kept.Count <= MostInReserve && !other.IsSameAs(newest) && kept.TrueForAll(better => other.Outlives(better, time)))
                kept.Add(other);
        }

        return [.. kept.Skip(1)];
    }

    private TokenOutcome Take(BearerToken token)
    {
        var failures = _failures;
        if (Failure is not null)
            _messages.Add(() => TokenLog.Recovered(logger, identity, source, failures));
        (Failure, _failingSince, _failures, _timeouts, _startup) = (null, null, 0, 0, Startup.Over);
        var unchanged = _token is { } held && held.IsSameAs(token);
        // Also the same token takes the place of the one that is held: what was read last of its life was read by the
        // clocks as they are now, and a clock that was wrong at the first receipt may have been set right since.
        _reserve = ReserveOf(token);
        _token = token;
        if (!unchanged)
            _receivedAt = time.GetTimestamp();
        var wait = unchanged
            ? RefreshSchedule.AfterUnchanged(token.Lifetime)
            : RefreshSchedule.AfterSuccess(token.Lifetime, random.NextDouble());
        Next = NextAttempt.After(wait, null, RefreshSchedule.Floor(token.Lifetime), time);
        if (unchanged)
            _messages.Add(() => TokenLog.Unchanged(logger, identity, source, token.ExpiresOn, wait.TotalSeconds));
        else
            _messages.Add(() => TokenLog.Received(logger, identity, source, token.ExpiresOn, wait.TotalSeconds));
        return unchanged ? TokenOutcome.Unchanged : TokenOutcome.Refreshed;
    }

    private TokenOutcome Fail(TokenFailure failure)
    {
        Failure = failure;
        _failingSince ??= time.GetUtcNow();
        _failures++;
        _timeouts = failure.Reason == TokenFailureReason.TimedOut ? _timeouts + 1 : 0;
        if (_startup == Startup.NotReady && !failure.MayBeStartup)
            _startup = Startup.Failing;
        var (serving, draw) = (Usable, random.NextDouble());
        var wait = RefreshSchedule.AfterFailure(
            failure, _failures, serving?.Lifetime, serving?.Remaining(time) ?? TimeSpan.Zero, draw, _startup);
        Next = NextAttempt.After(wait, RefreshSchedule.WaitOfRequests(failure, draw),
            serving is null ? TimeSpan.Zero : RefreshSchedule.Floor(serving.Lifetime), time);
        if (serving is null)
            _messages.Add(() => TokenLog.FailedWithoutToken(logger, identity, source, failure.Code, failure.Detail, failure.Sentence, wait.TotalSeconds));
        else
            _messages.Add(() => TokenLog.FailedWithToken(
                logger, identity, source, failure.Code, failure.Detail, failure.Sentence, serving.ExpiresOn, wait.TotalSeconds));
        return TokenOutcome.Failed;
    }
}
