using Microsoft.Extensions.Logging;

namespace TokenBroker.Tokens;

/// <summary>
/// What an entry knows: its token, the failures since, and when to ask next. Changes only by an attempt's answer, and
/// only under the entry's gate; the token alone may be read without it.
/// </summary>
internal sealed class EntryState(string identity, string source, TimeProvider time, ILogger logger)
{
    private volatile BearerToken? _token;
    private DateTimeOffset? _failingSince;
    private int _failures;

    /// <summary>The token that was received last, usable or not.</summary>
    public BearerToken? Token => _token;

    /// <summary>Why the last attempt failed; null if it did not.</summary>
    public TokenFailure? Failure { get; private set; }

    public NextAttempt Next { get; private set; } = NextAttempt.Now(time);

    /// <summary>The token, if it can be sent now.</summary>
    public BearerToken? Usable => _token is { } token && token.IsUsable(time) ? token : null;

    public TokenOutcome Accept(TokenAnswer answer) => answer.Token is { } token ? Take(token) : Fail(answer.Failure!);

    public TokenSnapshot Snapshot(bool attempting)
    {
        var token = _token;
        var state = (Usable is not null, attempting) switch
        {
            (true, true) => TokenState.Refreshing,
            (true, false) => Failure is null ? TokenState.Fresh : TokenState.Stale,
            (false, true) => TokenState.Acquiring,
            _ => token is null ? TokenState.None : TokenState.Expired,
        };
        return new(state, token?.ExpiresOn, token?.Remaining(time), token?.Age(time), Failure, _failingSince, Next.In(time));
    }

    private TokenOutcome Take(BearerToken token)
    {
        if (Failure is not null)
            TokenLog.Recovered(logger, identity, source, _failures);
        (Failure, _failingSince, _failures) = (null, null, 0);
        if (Usable is { } held && held.IsSameAs(token))
        {
            // The one that is held has the older, stricter monotonic bound: it stays.
            var wait = RefreshSchedule.AfterUnchanged(held.Lifetime, held.Remaining(time));
            Next = NextAttempt.After(wait, time);
            TokenLog.Unchanged(logger, identity, source, held.ExpiresOn, wait.TotalSeconds);
            return TokenOutcome.Unchanged;
        }

        _token = token;
        var next = RefreshSchedule.AfterSuccess(token.Lifetime, Random.Shared.NextDouble());
        Next = NextAttempt.After(next, time);
        TokenLog.Received(logger, identity, source, token.ExpiresOn, next.TotalSeconds);
        return TokenOutcome.Refreshed;
    }

    private TokenOutcome Fail(TokenFailure failure)
    {
        Failure = failure;
        _failingSince ??= time.GetUtcNow();
        _failures++;
        var serving = Usable;
        var wait = RefreshSchedule.AfterFailure(
            failure, _failures, serving?.Lifetime, serving?.Remaining(time) ?? TimeSpan.Zero, Random.Shared.NextDouble());
        Next = NextAttempt.After(wait, time);
        if (serving is null)
            TokenLog.FailedWithoutToken(logger, identity, source, failure.Code, failure.Detail, failure.Sentence, wait.TotalSeconds);
        else
            TokenLog.FailedWithToken(
                logger, identity, source, failure.Code, failure.Detail, failure.Sentence, serving.ExpiresOn, wait.TotalSeconds);
        return TokenOutcome.Failed;
    }
}
