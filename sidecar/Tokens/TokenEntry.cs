using Microsoft.Extensions.Logging;

namespace TokenBroker.Tokens;

/// <summary>What a reader gets: a token that can be sent now, or why there is none and when to come back.</summary>
internal readonly record struct TokenReading(BearerToken? Token, TokenFailure? Failure, TimeSpan RetryAfter);

/// <summary>
/// Holds the token of one identity for one audience, and keeps it fresh.
/// <code>
///                        ┌── failure ──┐
///            start       ▼             │        token
///   None ───────────► Acquiring ───────┴──────────────────► Fresh ◄──────────────┐
///                        ▲                                  │   │ due or wanted   │ token or
///                        │ due or wanted          due, both │   ▼                 │ unchanged
///                     Expired ◄──── either clock ─── clocks │ Refreshing ─────────┤
///                        ▲                                  │   ▲   │ failure     │
///                        └──────────── either clock ────────┘   │   ▼             │
///                                                          due  └─ Stale          │
/// </code>
/// Refreshing and Stale serve the token that is held; Acquiring and Expired have none to serve. Two parties meet here.
/// Requests read: one volatile read, and a usable token is returned without lock, wait or allocation. One loop asks the
/// source: since there is only one, attempts cannot overlap, and none of them belongs to the request that happened to want
/// it. A failure never takes a good token's place; an expired token is never returned.
/// </summary>
internal sealed class TokenEntry(
    string identity, ITokenSource source, TimeSpan firstTokenWait, TimeProvider time, TokenMetrics metrics, ILogger logger)
{
    /// <summary>A timer stands still while the host is suspended, so both clocks are looked at again this often.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly EntryState _state = new(identity, source.Name, time, logger);

    // All below are read and written under the gate, and so are the state's members, but for its token.
    private bool _attempting;
    private AttemptResult _last;
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
        if (_state.Usable is not { } token)
            return WaitAsync(caller);
        metrics.ReadReady(Identity);
        return new(new TokenReading(token, null, default));
    }

    /// <summary>
    /// Storage said that this token has expired. It goes on serving, since one account with a fault of its own must not
    /// take it from all; but an attempt is made out of turn, at most one in the time that the floor sets.
    /// </summary>
    /// <returns>A different token that can be sent now; null if none came.</returns>
    public async ValueTask<BearerToken?> ReplaceAsync(BearerToken rejected, CancellationToken caller)
    {
        Task settled;
        lock (_gate)
        {
            if (Other_NeedsGate(rejected) is { } already)
                return already;
            var mayAsk = _state.Failure is null && _state.Next.SinceSet(time) >= RefreshSchedule.Floor(rejected.Lifetime);
            if (!_attempting && !mayAsk)
                return null;
            Want_NeedsGate(TokenTrigger.Rejected);
            settled = _settled.Task;
        }

        await settled.WaitAsync(firstTokenWait, time, caller).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        caller.ThrowIfCancellationRequested();
        lock (_gate)
            return Other_NeedsGate(rejected);
    }

    /// <summary>Makes an attempt now, or joins the one under way, and says honestly what came of it.</summary>
    public async Task<AttemptResult> RefreshAsync(CancellationToken caller)
    {
        Task settled;
        lock (_gate)
        {
            Want_NeedsGate(TokenTrigger.Operator);
            settled = _settled.Task;
        }

        await settled.WaitAsync(caller);
        lock (_gate)
            return _last;
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
            return _state.Snapshot(_attempting);
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
                if (_state.Usable is { } token)
                {
                    metrics.ReadWaited(Identity, _last.Trace);
                    return new(token, null, default);
                }

                if (_state.Failure is null)
                    Want_NeedsGate(TokenTrigger.Demand); // after a failure, the wait that it set stands
                if (left <= TimeSpan.Zero || (!_attempting && _state.Next.In(time) > left))
                    return Refuse_NeedsGate();
                settled = _settled.Task;
            }

            await settled.WaitAsync(WholeMilliseconds(left), time, caller).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            caller.ThrowIfCancellationRequested();
        }
    }

    private TokenReading Refuse_NeedsGate()
    {
        metrics.ReadRefused(Identity, _last.Trace);
        var next = _attempting ? TimeSpan.Zero : _state.Next.In(time);
        return new(null, _state.Failure ?? new TokenFailure(TokenFailureReason.Pending), next);
    }

    private BearerToken? Other_NeedsGate(BearerToken rejected) =>
        _state.Usable is { } token && !token.IsSameAs(rejected) ? token : null;

    /// <summary>Asks for an attempt before its time. The loop keeps the least distance; an attempt under way is as good.</summary>
    private void Want_NeedsGate(TokenTrigger trigger)
    {
        if (_attempting)
            return;
        _wanted ??= trigger;
        _wake.TrySetResult();
    }

    private async Task AttemptAsync(TokenTrigger trigger, CancellationToken stopping)
    {
        lock (_gate)
            (_attempting, _wanted) = (true, null);
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
            var outcome = _state.Accept(answer);
            measured.End(outcome, answer.Failure?.Code);
            _last = new(outcome, answer.Failure, _state.Token?.ExpiresOn, measured.Context);
            _attempting = false;
            _settled.TrySetResult();
            _settled = NewSignal();
        }
    }

    private async Task<TokenTrigger> UntilDueAsync(CancellationToken stopping)
    {
        while (true)
        {
            Task wake;
            TimeSpan wait;
            lock (_gate)
            {
                if (stopping.IsCancellationRequested || _state.Next.IsDue(time))
                    return TokenTrigger.Scheduled;
                if (_wanted is { } trigger && _state.Next.MayComeForward(time))
                    return trigger;
                if (_wake.Task.IsCompleted)
                    _wake = NewSignal();
                wake = _wake.Task;
                wait = _wanted is null ? _state.Next.In(time) : _state.Next.UntilItMayComeForward(time);
            }

            await wake.WaitAsync(wait < Tick ? WholeMilliseconds(wait) : Tick, time, stopping)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Timers cut fractions off: without rounding up, the last one would be spent in a busy loop.</summary>
    private static TimeSpan WholeMilliseconds(TimeSpan wait) => TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds));

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
