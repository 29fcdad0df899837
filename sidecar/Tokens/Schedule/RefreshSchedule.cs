namespace TokenBroker.Tokens.Schedule;

/// <summary>
/// When to ask next: the only place that knows. All waits come from here, none from a library.
/// </summary>
internal static class RefreshSchedule
{
    /// <summary>The longest wait of the exponential backoff, as the metadata endpoint's documentation recommends.</summary>
    public static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(60);

    /// <summary>The documentation promises the endpoint back within this time after a 410.</summary>
    public static readonly TimeSpan LongestUpdate = TimeSpan.FromSeconds(70);

    /// <summary>How often to ask again where only a change of the setup can help.</summary>
    public static readonly TimeSpan SlowRecheck = TimeSpan.FromSeconds(60);

    /// <summary>A Retry-After beyond this is not believed: it would be an outage by typing error.</summary>
    public static readonly TimeSpan LongestRetryAfter = TimeSpan.FromHours(1);

    /// <summary>
    /// No two attempts are closer than this, whoever wants them: not even the operator, who may come before a wait that the
    /// endpoint asked for.
    /// </summary>
    public static readonly TimeSpan LeastFloor = TimeSpan.FromSeconds(1);

    /// <summary>Attempts grow to this after timeouts, unless a longer limit is configured.</summary>
    public static readonly TimeSpan MaxAttempt = TimeSpan.FromSeconds(30);

    /// <summary>No two attempts are further apart while requests wait and no token is usable, unless the endpoint asked for more.</summary>
    public static readonly TimeSpan MaxWaitOfRequests = TimeSpan.FromSeconds(10);

    /// <summary>
    /// A request that was refused counts as waiting for this long: its client will try again. The SDKs' retries lie at most
    /// 45 s apart.
    /// </summary>
    public static readonly TimeSpan RetryOfClients = TimeSpan.FromSeconds(60);

    /// <summary>How many attempts follow each other quickly at a host's start: for half a minute.</summary>
    public const int MaxQuickRetries = 20;

    /// <summary>
    /// How much longer than configured an attempt may take while no token is usable. The endpoint's own team names 10 s as
    /// its limit, and answers of 12 s were seen.
    /// </summary>
    private const int WithoutToken = 3;

    /// <summary>Around half of the life, drawn once per token: early enough for many retries, and no fleet moves in step.</summary>
    /// <param name="lifetime">R, from receipt to expiry.</param>
    /// <param name="draw">A random number from 0 to 1.</param>
    public static TimeSpan AfterSuccess(TimeSpan lifetime, double draw) => lifetime * (0.45 + 0.1 * draw);

    /// <summary>No two attempts are closer than this while a token of this life serves.</summary>
    public static TimeSpan Floor(TimeSpan lifetime) =>
        Max(LeastFloor, Min(TimeSpan.FromSeconds(60), lifetime / 20));

    /// <summary>
    /// How long an attempt may take. It doubles after each timeout, so that a slow endpoint gives a token in the end. While a
    /// token serves, an attempt that hangs must leave time for another before the expiry.
    /// </summary>
    /// <param name="configured">The limit for an attempt while a token serves.</param>
    /// <param name="remaining">What is left of the token that serves; null if none does.</param>
    /// <param name="timeouts">How many attempts in a row timed out.</param>
    public static TimeSpan MaxAttemptAfter(TimeSpan configured, TimeSpan? remaining, int timeouts)
    {
        var grown = configured * (remaining is null ? WithoutToken : 1) * Math.Pow(2, Math.Min(timeouts, 10));
        var limit = Min(grown, Max(MaxAttempt, configured));
        return remaining is { } left ? Min(limit, Max(LeastFloor, left / 2)) : limit;
    }

    /// <summary>
    /// The longest wait after a failure while requests wait and no token is usable; null if the endpoint asked for more. It is
    /// spread, so that a fleet that waits does not ask in step.
    /// </summary>
    public static TimeSpan? WaitOfRequests(TokenFailure failure, double draw) =>
        failure.Reason == TokenFailureReason.Throttled || failure.RetryAfter is not null ? null : MaxWaitOfRequests * (0.5 + 0.5 * draw);

    /// <summary>
    /// The endpoint gave the same token again, as it does for hours: half of what is left of it now. No backoff is due,
    /// since nothing failed.
    /// </summary>
    public static TimeSpan AfterUnchanged(TimeSpan remaining) => Max(LeastFloor, remaining / 2);

    /// <summary>
    /// No wait outlives the token that serves, whether by the floor or because it was asked for: with its expiry
    /// requests begin to fail, and another attempt is worth more than the distance.
    /// </summary>
    /// <remarks>
    /// Retry-After is never undercut; but those who were told the same moment must not all come back at that moment, so the
    /// backoff's step is spread behind it.
    /// </remarks>
    /// <param name="failure">What failed.</param>
    /// <param name="failures">How many attempts failed in a row, this one included.</param>
    /// <param name="lifetime">R of the token that still serves; null when none does.</param>
    /// <param name="remaining">What is left of that token.</param>
    /// <param name="draw">A random number from 0 to 1.</param>
    /// <param name="startup">What is known of the host's start.</param>
    public static TimeSpan AfterFailure(
        TokenFailure failure, int failures, TimeSpan? lifetime, TimeSpan remaining, double draw, Startup startup = Startup.Over)
    {
        var wait = failure.RetryAfter is { } retryAfter ? Min(retryAfter, LongestRetryAfter) : Backoff(failure, failures, draw, startup);
        var spread = failure.RetryAfter is null ? TimeSpan.Zero : draw * Min(LongestBackoff, Step(failures));
        if (lifetime is not { } life)
            return Max(LeastFloor, wait) + spread;
        // What was asked for or promised may exceed half of what is left; the backoff and the spread may not.
        var half = remaining / 2;
        wait = Max(Floor(life), failure.RetryAfter is null && !failure.IsBackSoon ? Min(wait, half) : wait);
        wait = Max(wait, Min(wait + spread, half));
        return Max(LeastFloor, Min(wait, remaining));
    }

    private static TimeSpan Backoff(TokenFailure failure, int failures, double draw, Startup startup) => failure switch
    {
        _ when startup == Startup.NotReady && failures <= MaxQuickRetries => LeastFloor * (1 + draw),
        { NeedsSetup: true } when startup != Startup.Failing || failures > MaxQuickRetries => SlowRecheck * (0.8 + 0.4 * draw),
        { IsBackSoon: true } => Spread(Step(failures + 2), LongestUpdate, draw),
        _ => Spread(Step(failures), LongestBackoff, draw),
    };

    /// <summary>
    /// From half of the step to half more than it. The spread has to be that wide: where hundreds are refused at once, the
    /// endpoint lets in 20 a second, and with a narrow one the same hundreds meet again at every step.
    /// </summary>
    private static TimeSpan Spread(TimeSpan step, TimeSpan longest, double draw)
    {
        var (from, to) = (Min(step, longest) / 2, Min(step * 1.5, longest));
        return from + draw * (to - from);
    }

    /// <summary>1, 2, 4 … seconds.</summary>
    private static TimeSpan Step(int failures) => LeastFloor * Math.Pow(2, Math.Min(failures - 1, 10));

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
