using TokenBroker.Tokens.Answers;

namespace TokenBroker.Tokens.Schedule;

/// <summary>
/// Decides when the next attempt is made. All waits come from here, none from a library.
/// </summary>
internal static class RefreshSchedule
{
    /// <summary>The longest wait of the exponential backoff, as the metadata endpoint's documentation recommends.</summary>
    public static readonly TimeSpan MaxBackoff = TimeSpan.FromSeconds(60);

    /// <summary>By its documentation, the endpoint is back within this time after a 410.</summary>
    public static readonly TimeSpan MaxUpdateTime = TimeSpan.FromSeconds(70);

    /// <summary>The retry interval if only a change of the setup can help.</summary>
    public static readonly TimeSpan SlowRecheck = TimeSpan.FromSeconds(60);

    /// <summary>
    /// The longest Retry-After that is used: a longer one is probably a typing error and would cause an outage.
    /// </summary>
    public static readonly TimeSpan MaxRetryAfter = TimeSpan.FromHours(1);

    /// <summary>
    /// The minimum distance between two attempts. It also applies to the operator, who may otherwise ask before a
    /// Retry-After is over.
    /// </summary>
    public static readonly TimeSpan MinFloor = TimeSpan.FromSeconds(1);

    /// <summary>The longest timeout after several timeouts in a row, unless a longer one is configured.</summary>
    public static readonly TimeSpan MaxAttempt = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The maximum distance between two attempts while requests wait and no token is usable, unless the endpoint asked for
    /// a longer wait.
    /// </summary>
    public static readonly TimeSpan MaxWaitOfRequests = TimeSpan.FromSeconds(10);

    /// <summary>
    /// A refused request counts as waiting for this time, because its client will retry. The SDKs' retries are at most 45 s
    /// apart.
    /// </summary>
    public static readonly TimeSpan RetryOfClients = TimeSpan.FromSeconds(60);

    /// <summary>How many quick attempts are made while a host starts: for half a minute.</summary>
    public const int MaxQuickRetries = 20;

    /// <summary>
    /// How much longer than configured an attempt may take while no token is usable. The endpoint's own team names 10 s as
    /// its limit, and answers of 12 s were seen.
    /// </summary>
    private const int WithoutToken = 3;

    /// <summary>
    /// About half of the lifetime, with a random variation per token: early enough for many retries, and many hosts do not
    /// refresh at the same time.
    /// </summary>
    /// <param name="lifetime">R, from receipt to expiry.</param>
    /// <param name="draw">A random number from 0 to 1.</param>
    public static TimeSpan AfterSuccess(TimeSpan lifetime, double draw) => lifetime * (0.45 + 0.1 * draw);

    /// <summary>The minimum distance between two attempts while a token with this lifetime is in use.</summary>
    public static TimeSpan Floor(TimeSpan lifetime) =>
        Max(MinFloor, Min(TimeSpan.FromSeconds(60), lifetime / 20));

    /// <summary>
    /// How long an attempt may take. It doubles after each timeout, so that a slow endpoint finally gives a token. While a
    /// token is usable, an attempt that hangs must leave time for another one before the expiry.
    /// </summary>
    /// <param name="configured">The timeout of an attempt while a token is usable.</param>
    /// <param name="remaining">The remaining lifetime of the token in use; null if there is none.</param>
    /// <param name="timeouts">How many attempts in a row timed out.</param>
    public static TimeSpan MaxAttemptAfter(TimeSpan configured, TimeSpan? remaining, int timeouts)
    {
        var grown = configured * (remaining is null ? WithoutToken : 1) * Math.Pow(2, Math.Min(timeouts, 10));
        var limit = Min(grown, Max(MaxAttempt, configured));
        return remaining is { } left ? Min(limit, Max(MinFloor, left / 2)) : limit;
    }

    /// <summary>
    /// The longest wait after a failure while requests wait and no token is usable; null if the endpoint asked for a longer
    /// wait. It has a random variation, so that many waiting hosts do not ask at the same time.
    /// </summary>
    public static TimeSpan? WaitOfRequests(TokenFailure failure, double draw) =>
        failure.Reason == TokenFailureReason.Throttled || failure.RetryAfter is not null ? null : MaxWaitOfRequests * (0.5 + 0.5 * draw);

    /// <summary>
    /// After an unchanged token, which the endpoint returns for hours: half of its remaining lifetime. It has no backoff,
    /// because nothing failed.
    /// </summary>
    public static TimeSpan AfterUnchanged(TimeSpan remaining) => Max(MinFloor, remaining / 2);

    /// <summary>
    /// No wait is longer than the remaining lifetime of the token in use, not even the minimum distance or a Retry-After:
    /// requests fail after its expiry, so another attempt is more important.
    /// </summary>
    /// <remarks>
    /// The wait is never shorter than Retry-After. A random part of the backoff is added, because many hosts may have got
    /// the same Retry-After.
    /// </remarks>
    /// <param name="failure">What failed.</param>
    /// <param name="failures">How many attempts failed in a row, this one included.</param>
    /// <param name="lifetime">R of the token in use; null if there is none.</param>
    /// <param name="remaining">Its remaining lifetime.</param>
    /// <param name="draw">A random number from 0 to 1.</param>
    /// <param name="startup">What is known about the host's start.</param>
    public static TimeSpan AfterFailure(
        TokenFailure failure, int failures, TimeSpan? lifetime, TimeSpan remaining, double draw, Startup startup = Startup.Over)
    {
        var wait = failure.RetryAfter is { } retryAfter ? Min(retryAfter, MaxRetryAfter) : Backoff(failure, failures, draw, startup);
        var spread = failure.RetryAfter is null ? TimeSpan.Zero : draw * Min(MaxBackoff, Step(failures));
        if (lifetime is not { } life)
            return Max(MinFloor, wait) + spread;
        // A Retry-After or a documented wait may be longer than half of the remaining lifetime; the backoff and its
        // variation may not.
        var half = remaining / 2;
        wait = Max(Floor(life), failure.RetryAfter is null && !failure.IsBackSoon ? Min(wait, half) : wait);
        wait = Max(wait, Min(wait + spread, half));
        return Max(MinFloor, Min(wait, remaining));
    }

    private static TimeSpan Backoff(TokenFailure failure, int failures, double draw, Startup startup) => failure switch
    {
        _ when startup == Startup.NotReady && failures <= MaxQuickRetries => MinFloor * (1 + draw),
        { NeedsSetup: true } when startup != Startup.Failing || failures > MaxQuickRetries => SlowRecheck * (0.8 + 0.4 * draw),
        { IsBackSoon: true } => Spread(Step(failures + 2), MaxUpdateTime, draw),
        _ => Spread(Step(failures), MaxBackoff, draw),
    };

    /// <summary>
    /// From 50 % to 150 % of the step. It must be this wide: if hundreds of hosts are refused at once, the endpoint accepts
    /// 20 per second, and with a narrow range the same hosts would collide again at every step.
    /// </summary>
    private static TimeSpan Spread(TimeSpan step, TimeSpan longest, double draw)
    {
        var (from, to) = (Min(step, longest) / 2, Min(step * 1.5, longest));
        return from + draw * (to - from);
    }

    /// <summary>1, 2, 4 … seconds.</summary>
    private static TimeSpan Step(int failures) => MinFloor * Math.Pow(2, Math.Min(failures - 1, 10));

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
