using Microsoft.Extensions.Logging;

namespace TokenBroker.Tokens;

/// <summary>
/// What an entry knows: its token, the failures since, and when to ask next. Changes only by an attempt's answer, and
/// only under the entry's gate; the token alone may be read without it.
/// </summary>
internal sealed class EntryState(string identity, string source, TimeProvider time, Random random, ILogger logger)
{
    private volatile BearerToken? _token;

    /// <summary>
    /// Received before it, and outlives it: an endpoint that gives out an older token, even one that has expired while this
    /// host's clock is behind, must not cost the requests the better one.
    /// </summary>
    private volatile BearerToken? _reserve;

    private DateTimeOffset? _failingSince;
    private long _receivedAt;
    private int _failures;

    /// <summary>The token that serves; if none does, the one that was received last.</summary>
    public BearerToken? Token => Usable ?? _token;

    /// <summary>Why the last attempt failed; null if it did not.</summary>
    public TokenFailure? Failure { get; private set; }

    public NextAttempt Next { get; private set; } = NextAttempt.Now(time);

    /// <summary>Time until the next attempt is due.</summary>
    public TimeSpan NextIn => Next.In(Usable?.Remaining(time) ?? TimeSpan.Zero, time);

    /// <summary>The token, if one can be sent now.</summary>
    public BearerToken? Usable => IfUsable(_token) ?? IfUsable(_reserve);

    /// <summary>How long an attempt that begins now may take at most.</summary>
    public TimeSpan LongestAttempt => Usable is { } token ? RefreshSchedule.LongestAttempt(token.Remaining(time)) : TimeSpan.MaxValue;

    /// <summary>Time since the token was received for the first time.</summary>
    private TimeSpan? Age => _token is null ? null : time.GetElapsedTime(_receivedAt);

    /// <summary>A token that can be sent in the place of one that storage rejected.</summary>
    public BearerToken? OtherThan(BearerToken rejected) =>
        IfUsable(_token) is { } token && !token.IsSameAs(rejected) ? token
        : IfUsable(_reserve) is { } reserve && !reserve.IsSameAs(rejected) ? reserve
        : null;

    public TokenOutcome Accept(TokenAnswer answer) => answer.Token is { } token ? Take(token) : Fail(answer.Failure!);

    public TokenSnapshot Snapshot(bool attempting)
    {
        var token = Token;
        var state = (Usable is not null, attempting) switch
        {
            (true, true) => TokenState.Refreshing,
            (true, false) => Failure is null ? TokenState.Fresh : TokenState.Stale,
            (false, true) => TokenState.Acquiring,
            _ => token is null ? TokenState.None : TokenState.Expired,
        };
        return new(state, token?.ExpiresOn, token?.Remaining(time), Age, Failure, _failingSince, NextIn);
    }

    private BearerToken? IfUsable(BearerToken? candidate) => candidate is { } token && token.IsUsable(time) ? token : null;

    private TokenOutcome Take(BearerToken token)
    {
        if (Failure is not null)
            TokenLog.Recovered(logger, identity, source, _failures);
        (Failure, _failingSince, _failures) = (null, null, 0);
        var unchanged = _token is { } held && held.IsSameAs(token);
        // Also the same token takes the place of the one that is held: what was read last of its life was read by the
        // clocks as they are now, and a clock that was wrong at the first receipt may have been set right since.
        // Also one that is not usable now: a clock that is ahead may be set right.
        _reserve = new[] { _reserve, _token }
            .Where(other => other?.Outlives(token, time) == true && !other.IsSameAs(token)).MaxBy(other => other!.Remaining(time));
        _token = token;
        if (!unchanged)
            _receivedAt = time.GetTimestamp();
        var wait = unchanged
            ? RefreshSchedule.AfterUnchanged(token.Lifetime)
            : RefreshSchedule.AfterSuccess(token.Lifetime, random.NextDouble());
        Next = NextAttempt.After(wait, RefreshSchedule.Floor(token.Lifetime), time);
        if (unchanged)
            TokenLog.Unchanged(logger, identity, source, token.ExpiresOn, wait.TotalSeconds);
        else
            TokenLog.Received(logger, identity, source, token.ExpiresOn, wait.TotalSeconds);
        return unchanged ? TokenOutcome.Unchanged : TokenOutcome.Refreshed;
    }

    private TokenOutcome Fail(TokenFailure failure)
    {
        Failure = failure;
        _failingSince ??= time.GetUtcNow();
        _failures++;
        var serving = Usable;
        var wait = RefreshSchedule.AfterFailure(
            failure, _failures, serving?.Lifetime, serving?.Remaining(time) ?? TimeSpan.Zero, random.NextDouble());
        Next = NextAttempt.After(wait, serving is null ? TimeSpan.Zero : RefreshSchedule.Floor(serving.Lifetime), time);
        if (serving is null)
            TokenLog.FailedWithoutToken(logger, identity, source, failure.Code, failure.Detail, failure.Sentence, wait.TotalSeconds);
        else
            TokenLog.FailedWithToken(
                logger, identity, source, failure.Code, failure.Detail, failure.Sentence, serving.ExpiresOn, wait.TotalSeconds);
        return TokenOutcome.Failed;
    }
}
