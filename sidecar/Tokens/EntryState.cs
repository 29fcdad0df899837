using TokenBroker.Tokens.Answers;
using TokenBroker.Tokens.Schedule;

namespace TokenBroker.Tokens;

/// <summary>
/// The state of an entry: its token, the failures since then, and the next attempt. It changes only after an attempt, and
/// only under the entry's gate; only the token may be read without the gate.
/// </summary>
internal sealed class EntryState(string identity, string source, TimeProvider time, Random random, ILogger logger)
{
    private volatile BearerToken? _token;

    /// <summary>
    /// The maximum number of reserve tokens. With two clocks, only a few tokens can each be the best one at some later
    /// moment.
    /// </summary>
    private const int MaxInReserve = 8;

    /// <summary>
    /// Earlier tokens, each usable at some moment at which no other token is. If an endpoint returns an older token, or
    /// even an expired one while this host's clock is behind, requests must not lose the better tokens.
    /// </summary>
    private volatile BearerToken[] _reserve = [];

    private readonly List<Action> _messages = [];
    private DateTimeOffset? _failingSince;
    private long _receivedAt;
    private int _failures;
    private int _timeouts;
    private Startup _startup = Startup.NotReady;

    /// <summary>The token in use; if there is none, the one that was received last.</summary>
    public BearerToken? Token => Usable ?? _token;

    /// <summary>Why the last attempt failed; null if it did not.</summary>
    public TokenFailure? Failure { get; private set; }

    public NextAttempt Next { get; private set; } = NextAttempt.Now(time);

    /// <summary>Time until the next attempt is due.</summary>
    /// <param name="requestsWait">Whether requests recently found no token.</param>
    public TimeSpan NextIn(bool requestsWait) => Usable is { } token
        ? Next.In(token.Remaining(time), requestsWait: false, time)
        : Next.In(TimeSpan.Zero, requestsWait, time);

    /// <summary>The token, if one can be sent now.</summary>
    public BearerToken? Usable => IfUsable(_token) ?? InReserve(except: null);

    /// <summary>How long an attempt that begins now may take.</summary>
    /// <param name="configured">The source's timeout while a token is usable.</param>
    public TimeSpan MaxAttempt(TimeSpan configured) => RefreshSchedule.MaxAttemptAfter(configured, Usable?.Remaining(time), _timeouts);

    /// <summary>Time since the token was received for the first time.</summary>
    private TimeSpan? Age => _token is null ? null : time.GetElapsedTime(_receivedAt);

    /// <summary>A token that can be sent instead of one that storage rejected.</summary>
    public BearerToken? OtherThan(BearerToken rejected) =>
        IfUsable(_token) is { } token && !token.IsSameAs(rejected) ? token : InReserve(rejected);

    public TokenOutcome Accept(TokenAnswer answer) => answer.Token is { } token ? Take(token) : Fail(answer.Failure!);

    /// <summary>The message to log after the gate is released, because logging must not delay requests.</summary>
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

    /// <summary>Also a token that is not usable now, because a clock that is ahead may be corrected.</summary>
    private BearerToken[] ReserveOf(BearerToken newest)
    {
        List<BearerToken> kept = [newest];
        foreach (var other in _reserve.Append(_token).OfType<BearerToken>().OrderByDescending(other => other.Remaining(time)))
        {
            if (kept.Count <= MaxInReserve && !other.IsSameAs(newest) && kept.TrueForAll(better => other.Outlives(better, time)))
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
        // An unchanged token also replaces the current one: its lifetime was read with the present clocks, and a clock that
        // was wrong at the first receipt may have been corrected since.
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
