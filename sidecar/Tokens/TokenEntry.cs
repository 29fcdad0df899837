using Microsoft.Extensions.Logging;

namespace TokenBroker.Tokens;

/// <summary>What a reader gets: a token that can be sent now, or why there is none and when to come back.</summary>
internal readonly record struct TokenReading(BearerToken? Token, TokenFailure? Failure, TimeSpan RetryAfter);

/// <summary>
/// Holds the token of one identity for one audience, and keeps it fresh.
/// <code>
///            start                token                     due or wanted
///   None ───────────► Acquiring ─────────► Fresh ◄────────┬─────────────► Refreshing
///     ▲                  │  ▲               ▲    token or │                  │   │
///     └──────────────────┘  │               │   unchanged └──────────────────┘   │ failure
///         failure           │ due or wanted │                                    ▼
///                        Expired ◄──────────┼──────── either clock ──────────  Stale
///                                           └──────── token ─────────────────────┘
/// </code>
/// Two parties meet here. Requests read: one volatile read, and a usable token is returned without lock, wait or
/// allocation. One loop asks the source: since there is only one, attempts cannot overlap, and none of them belongs to
/// the request that happened to want it. A failure never takes a good token's place; an expired token is never returned.
/// </summary>
internal sealed class TokenEntry(
    string identity, ITokenSource source, TimeSpan firstTokenWait, TimeProvider time, TokenMetrics metrics, ILogger logger)
{
    /// <summary>A timer stands still while the host is suspended, so both clocks are looked at again this often.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private volatile BearerToken? _token;

    // All below are read and written under the gate.
    private TokenFailure? _failure;
    private DateTimeOffset? _failingSince;
    private int _failures;
    private bool _attempting;
    private NextAttempt _next = NextAttempt.Now(time);
    private TokenTrigger? _wanted;
    private TaskCompletionSource _settled = NewSignal();
    private TaskCompletionSource _wake = NewSignal();

    public string Identity { get; } = identity;

    public string SourceName => source.Name;

    /// <summary>
    /// The token to send now. Returns synchronously when a usable one is there; otherwise waits for the attempt under
    /// way, up to the configured time, unless no attempt is due that soon.
    /// </summary>
    /// <param name="caller">The request's own token: it ends the wait, never the attempt.</param>
    public ValueTask<TokenReading> ReadAsync(CancellationToken caller)
    {
        var token = _token;
        if (token is null || !token.IsUsable(time))
            return WaitAsync(caller);
        metrics.ReadReady(Identity);
        return new(new TokenReading(token, null, default));
    }

    /// <summary>Asks the source whenever an attempt is due, until cancelled.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        var trigger = TokenTrigger.Start;
        while (!stopping.IsCancellationRequested)
        {
            await AttemptAsync(trigger, stopping);
            trigger = await UntilDueAsync(stopping);
        }
    }

    public TokenSnapshot Snapshot()
    {
        lock (_gate)
        {
            var token = _token;
            var usable = token is not null && token.IsUsable(time);
            var state = (usable, _attempting) switch
            {
                (true, true) => TokenState.Refreshing,
                (true, false) => _failure is null ? TokenState.Fresh : TokenState.Stale,
                (false, true) => TokenState.Acquiring,
                _ => token is null ? TokenState.None : TokenState.Expired,
            };
            return new(state, token?.ExpiresOn, token?.Remaining(time), token?.Age(time), _failure, _failingSince, _next.In(time));
        }
    }

    private async ValueTask<TokenReading> WaitAsync(CancellationToken caller)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            Task settled;
            var left = firstTokenWait - time.GetElapsedTime(started);
            lock (_gate)
            {
                if (_token is { } token && token.IsUsable(time))
                {
                    metrics.ReadWaited(Identity);
                    return new(token, null, default);
                }

                Want_NeedsGate(TokenTrigger.Demand);
                if (left <= TimeSpan.Zero || (!_attempting && _next.In(time) > left))
                    return Refuse_NeedsGate();
                settled = _settled.Task;
            }

            await settled.WaitAsync(left, time, caller).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            caller.ThrowIfCancellationRequested();
        }
    }

    private TokenReading Refuse_NeedsGate()
    {
        metrics.ReadRefused(Identity);
        var next = _attempting ? TimeSpan.Zero : _next.In(time);
        return new(null, _failure ?? new TokenFailure(TokenFailureReason.Pending), next);
    }

    /// <summary>Asks for an attempt before its time; the loop still keeps the floor, and the waits that a failure set.</summary>
    private void Want_NeedsGate(TokenTrigger trigger)
    {
        if (_attempting || _failure is not null)
            return;
        _wanted ??= trigger;
        _wake.TrySetResult();
    }

    private async Task AttemptAsync(TokenTrigger trigger, CancellationToken stopping)
    {
        lock (_gate)
        {
            _attempting = true;
            _wanted = null;
        }

        using var measured = metrics.StartAttempt(Identity, trigger);
        TokenAnswer answer;
        try
        {
            answer = await source.RequestAsync(stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return;
        }

        lock (_gate)
        {
            var outcome = answer.Token is { } token ? Take_NeedsGate(token) : Fail_NeedsGate(answer.Failure!);
            measured.End(outcome, answer.Failure?.Code);
            _attempting = false;
            _settled.TrySetResult();
            _settled = NewSignal();
        }
    }

    private TokenOutcome Take_NeedsGate(BearerToken token)
    {
        var unchanged = _token is { } held && held.IsSameAs(token) && held.IsUsable(time);
        if (_failure is not null)
            TokenLog.Recovered(logger, Identity, source.Name, _failures);
        (_failure, _failingSince, _failures) = (null, null, 0);
        if (unchanged)
        {
            // The one that is held has the older, stricter monotonic bound: it stays.
            var wait = RefreshSchedule.AfterUnchanged(_token!.Lifetime, _token.Remaining(time));
            _next = NextAttempt.After(wait, time);
            TokenLog.Unchanged(logger, Identity, source.Name, _token.ExpiresOn, wait.TotalSeconds);
            return TokenOutcome.Unchanged;
        }

        _token = token;
        var next = RefreshSchedule.AfterSuccess(token.Lifetime, Random.Shared.NextDouble());
        _next = NextAttempt.After(next, time);
        TokenLog.Received(logger, Identity, source.Name, token.ExpiresOn, next.TotalSeconds);
        return TokenOutcome.Refreshed;
    }

    private TokenOutcome Fail_NeedsGate(TokenFailure failure)
    {
        _failure = failure;
        _failingSince ??= time.GetUtcNow();
        _failures++;
        var serving = _token is { } token && token.IsUsable(time) ? token : null;
        var wait = RefreshSchedule.AfterFailure(
            failure, _failures, serving?.Lifetime, serving?.Remaining(time) ?? TimeSpan.Zero, Random.Shared.NextDouble());
        _next = NextAttempt.After(wait, time);
        if (serving is null)
            TokenLog.FailedWithoutToken(logger, Identity, source.Name, failure.Code, failure.Detail, failure.Sentence, wait.TotalSeconds);
        else
            TokenLog.FailedWithToken(logger, Identity, source.Name, failure.Code, failure.Detail, failure.Sentence, serving.ExpiresOn, wait.TotalSeconds);
        return TokenOutcome.Failed;
    }

    private async Task<TokenTrigger> UntilDueAsync(CancellationToken stopping)
    {
        while (true)
        {
            Task wake;
            TimeSpan wait;
            lock (_gate)
            {
                if (stopping.IsCancellationRequested || _next.IsDue(time))
                    return TokenTrigger.Scheduled;
                if (_wanted is { } trigger && _next.MayComeForward(time))
                    return trigger;
                if (_wake.Task.IsCompleted)
                    _wake = NewSignal();
                wake = _wake.Task;
                wait = _wanted is null ? _next.In(time) : _next.UntilItMayComeForward(time);
            }

            await wake.WaitAsync(wait < Tick ? wait : Tick, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
