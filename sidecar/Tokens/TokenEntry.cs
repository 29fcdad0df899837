using TokenBroker.Tokens.Answers;
using TokenBroker.Tokens.Schedule;

namespace TokenBroker.Tokens;

/// <summary>
/// Holds the token of one identity for one audience, and keeps it fresh.
/// <code>
///                   idle                        asking
///               ┌─────────┐       asks       ┌────────────┐
///   none held   │  None   ├─────────────────►│            │
///               │         │◄──── failure ────┤            │
///               ├─────────┤                  │ Acquiring  │
///    expired    │ Expired ├──────asks ──────►│            │
///               │         │◄──── failure ────┤            │
///               └─────────┘                  └──┬─────────┘
///                    ▲     ┌──────── token ─────┘      ▲
///             expiry │     ▼                           │ expiry
///               ┌────┴────┐       asks       ┌─────────┴──┐
///    usable     │  Fresh  ├─────────────────►│            │
///               │         │◄──── token ──────┤            │
///               ├─────────┤                  │ Refreshing │
///               │  Stale  ├────── asks ─────►│            │
///               │         │◄──── failure ────┤            │
///               └─────────┘                  └────────────┘
/// </code>
/// It <em>asks</em> when the schedule, a request or the operator demands it. A <em>token</em> may be new or unchanged. A
/// <em>failure</em> keeps the current token. <em>Expiry</em> happens when the first of the two clocks says so; if this was
/// the wall clock and it is then set back, the entry returns to the state before. When the loop stops, an attempt under way
/// is abandoned, to the idle state that it began in or that expiry has brought.
/// <para>
/// Two sides use an entry. Requests read: one volatile read returns a usable token without lock, wait or allocation. One
/// loop asks the source: because there is only one, attempts cannot overlap, and none of them belongs to a single request.
/// A failure never replaces a valid token, and an expired token is never returned.
/// </para>
/// <para>More than 250 lines, because both sides share one gate and cannot be understood separately.</para>
/// </summary>
internal sealed class TokenEntry(
    string identity, ITokenSource source, TimeSpan firstTokenWait, TimeProvider time, Random random, TokenMetrics metrics, ILogger logger)
{
    /// <summary>A timer stops while the host is suspended, so both clocks are checked this often.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly EntryState _state = new(identity, source.Name, time, random, logger);

    // All fields below, and the state's members except its token, are read and written under the gate.
    private AwaitedAttempt _attempt = new(time);
    private bool _attempting;
    private bool _stopped;
    private TokenTrigger? _wanted;
    private long? _lastReadWithoutToken;
    private Signal _wake = new();

    public string Identity { get; } = identity;

    public string SourceName => source.Name;

    /// <summary>
    /// The token to send now. Returns synchronously if there is a usable token. Otherwise it waits for the current attempt,
    /// up to the configured time, unless no attempt is due that soon.
    /// </summary>
    /// <param name="caller">The request's own token: it ends the wait, never the attempt.</param>
    public ValueTask<TokenReading> ReadAsync(CancellationToken caller)
    {
        if (_state.Usable is not { } token)
            return WaitAsync(caller);
        metrics.ReadReady(Identity);
        return new(new TokenReading(token, null, default));
    }

    /// <summary>
    /// Storage said that this token has expired. The token stays in use, because one account with its own problem must not
    /// take it from all others. But an extra attempt is made, at most one per minimum distance.
    /// </summary>
    /// <returns>A different usable token; null if there is none.</returns>
    public async ValueTask<BearerToken?> ReplaceAsync(BearerToken rejected, CancellationToken caller)
    {
        AwaitedAttempt attempt;
        lock (_gate)
        {
            if (_state.Usable is { } serving && !serving.IsSameAs(rejected))
                return serving; // it arrived in the meantime
            var reserve = _state.OtherThan(rejected);
            var mayAsk = _state.Failure is null && _state.Next.SinceSet(time) >= RefreshSchedule.Floor(rejected.Lifetime);
            if (!_attempting && _wanted is null && !mayAsk)
                return reserve;
            attempt = Want_NeedsGate(TokenTrigger.Rejected);
            if (reserve is not null)
                return reserve; // requests need not wait for the next attempt
        }

        await attempt.WaitAsync(firstTokenWait, caller);
        lock (_gate)
            return _state.OtherThan(rejected);
    }

    /// <summary>Makes an attempt now, or joins the current one, and returns its real result.</summary>
    public async Task<AttemptResult> RefreshAsync(CancellationToken caller)
    {
        AwaitedAttempt attempt;
        lock (_gate)
            attempt = Want_NeedsGate(TokenTrigger.Operator);
        await attempt.WaitAsync(Timeout.InfiniteTimeSpan, caller);
        return attempt.Result!;
    }

    /// <summary>Asks the source whenever an attempt is due, until cancelled.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            var trigger = TokenTrigger.Start;
            while (!stopping.IsCancellationRequested)
            {
                await AttemptAsync(trigger, stopping);
                trigger = await UntilDueAsync(stopping);
            }
        }
        finally
        {
            Stop();
        }
    }

    public TokenSnapshot Snapshot()
    {
        lock (_gate)
            return _state.Snapshot(_attempting, RequestsWait_NeedsGate);
    }

    private async ValueTask<TokenReading> WaitAsync(CancellationToken caller)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            AwaitedAttempt? attempt;
            TokenReading reading;
            var left = firstTokenWait - time.GetElapsedTime(started);
            lock (_gate)
                (reading, attempt) = ReadOrWait_NeedsGate(left);
            if (attempt is not null)
            {
                await attempt.WaitAsync(left, caller);
                continue;
            }

            metrics.ReadWaited(Identity, reading.Token is not null);
            return reading;
        }
    }

    /// <summary>The result for a reader, or the attempt that it should wait for.</summary>
    private (TokenReading Reading, AwaitedAttempt? Attempt) ReadOrWait_NeedsGate(TimeSpan left)
    {
        if (_state.Usable is { } token)
            return (new(token, null, default), null);
        if (_stopped)
            return (new(null, new TokenFailure(TokenFailureReason.Stopping), default), null);
        if (!RequestsWait_NeedsGate)
            _wake.Set(); // the loop may sleep longer than this request waits
        _lastReadWithoutToken = time.GetTimestamp();
        // After a failure, its wait applies. But if the wait is over, the loop may still sleep, because its timer stopped
        // while the host was suspended.
        if (_state.Failure is null || NextIn_NeedsGate() <= TimeSpan.Zero)
            Want_NeedsGate(TokenTrigger.Demand);
        var next = NextIn_NeedsGate();
        // If only a change of the setup helps, the client gets the error now, because the next attempt will hardly succeed.
        var hopeless = !_attempting && _state.Failure is { NeedsSetup: true } && _state.NextIn(requestsWait: false) > left;
        return left <= TimeSpan.Zero || next > left || hopeless
            ? (new(null, _state.Failure ?? new TokenFailure(TokenFailureReason.Pending), next), null)
            : (default, _attempt);
    }

    private TimeSpan NextIn_NeedsGate() =>
        _attempting ? TimeSpan.Zero
        : _wanted is null ? _state.NextIn(RequestsWait_NeedsGate)
        : _state.Next.UntilItMayComeForward(time);

    /// <summary>Whether a request recently found no token. It waits, or it was refused and its client will retry.</summary>
    private bool RequestsWait_NeedsGate =>
        _lastReadWithoutToken is { } read && time.GetElapsedTime(read) < RefreshSchedule.RetryOfClients;

    /// <summary>
    /// Asks for an early attempt. The loop keeps the minimum distance; a current attempt satisfies the request.
    /// </summary>
    private AwaitedAttempt Want_NeedsGate(TokenTrigger trigger)
    {
        if (!_attempting && !_stopped)
        {
            // An operator's request must not be dropped together with a client's request.
            _wanted = trigger == TokenTrigger.Operator ? trigger : _wanted ?? trigger;
            _wake.Set();
        }

        return _attempt;
    }

    /// <summary>From now on nothing waits, because the loop that gets tokens has ended.</summary>
    private void Stop()
    {
        lock (_gate)
        {
            (_stopped, _attempting) = (true, false);
            _attempt.End(new(TokenOutcome.Failed, new TokenFailure(TokenFailureReason.Stopping), _state.Token?.ExpiresOn));
        }
    }

    private async Task AttemptAsync(TokenTrigger trigger, CancellationToken stopping)
    {
        using var measured = metrics.StartAttempt(Identity, trigger);
        TimeSpan limit;
        lock (_gate)
        {
            (_attempting, _wanted) = (true, null);
            _attempt.Begin(measured.Context);
            limit = _state.MaxAttempt(source.AttemptTimeout);
        }

        TokenAnswer answer;
        try
        {
            answer = await source.RequestAsync(limit, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return;
        }
        catch (Exception broken)
        {
            // Sources do not throw. If one does, its identity must still have a loop.
            answer = TokenAnswer.Of(TokenFailureReason.InvalidAnswer, broken.GetType().Name);
        }

        AwaitedAttempt ended;
        TokenOutcome outcome;
        IReadOnlyList<Action> messages;
        lock (_gate)
        {
            outcome = _state.Accept(answer);
            messages = _state.TakeMessages();
            (ended, _attempt, _attempting) = (_attempt, new(time), false);
        }

        foreach (var log in messages)
            log();
        measured.End(outcome, answer.Failure?.Code);
        ended.End(new(outcome, answer.Failure, _state.Token?.ExpiresOn));
    }

    private async Task<TokenTrigger> UntilDueAsync(CancellationToken stopping)
    {
        while (true)
        {
            Signal wake;
            TimeSpan wait;
            lock (_gate)
            {
                if (_wanted == TokenTrigger.Demand && _state.Usable is not null)
                {
                    _attempt.Drop(); // a clock that was ahead was corrected: waiting requests find the token usable
                    (_attempt, _wanted) = (new(time), null);
                }

                wait = NextIn_NeedsGate();
                if (stopping.IsCancellationRequested || wait <= TimeSpan.Zero)
                    return _wanted ?? TokenTrigger.Scheduled;
                if (_wake.IsSet)
                    _wake = new();
                wake = _wake;
            }

            await wake.WaitAsync(wait < Tick ? wait : Tick, time, stopping);
        }
    }
}
