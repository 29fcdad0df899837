using System.Diagnostics;

namespace TokenBroker.Tokens.Answers;

/// <summary>
/// A received token, with the time of its receipt on both clocks. It is immutable, so readers need no lock. Its text form
/// contains only its times.
/// </summary>
[DebuggerDisplay("{ToString(),nq}")]
internal sealed class BearerToken
{
    private readonly long _receivedAt;
    private readonly TimeSpan _longestUse;

    /// <param name="value">The token itself.</param>
    /// <param name="expiresOn">Expiry by the wall clock, as the issuer gave it.</param>
    /// <param name="longestUse">Limits the token's use from now on by the monotonic clock.</param>
    /// <param name="time">The clocks.</param>
    public BearerToken(string value, DateTimeOffset expiresOn, TimeSpan longestUse, TimeProvider time)
    {
        HeaderValue = "Bearer " + value;
        ExpiresOn = expiresOn;
        ReceivedOn = time.GetUtcNow();
        (_receivedAt, _longestUse) = (time.GetTimestamp(), longestUse);
        Lifetime = expiresOn - ReceivedOn < longestUse ? expiresOn - ReceivedOn : longestUse;
    }

    /// <summary>The Authorization header's value, built once per token and not once per request. A secret.</summary>
    public string HeaderValue { get; }

    public DateTimeOffset ExpiresOn { get; }
    public DateTimeOffset ReceivedOn { get; }

    /// <summary>R, from receipt to expiry, by the more pessimistic clock.</summary>
    public TimeSpan Lifetime { get; }

    /// <summary>
    /// True while the token has not expired by both clocks. Each clock can be wrong: the wall clock can be set back, and
    /// the monotonic clock stops while the host is suspended.
    /// </summary>
    public bool IsUsable(TimeProvider time) =>
        time.GetUtcNow() < ExpiresOn && time.GetElapsedTime(_receivedAt) < _longestUse;

    /// <summary>Time to expiry by the more pessimistic clock; negative after it has expired.</summary>
    public TimeSpan Remaining(TimeProvider time)
    {
        var byWall = ExpiresOn - time.GetUtcNow();
        var byMonotonic = _longestUse - time.GetElapsedTime(_receivedAt);
        return byWall < byMonotonic ? byWall : byMonotonic;
    }

    /// <summary>
    /// True if there can be a moment at which this token is usable and the other is not, for any changes of the clocks.
    /// </summary>
    public bool Outlives(BearerToken other, TimeProvider time)
    {
        var left = _longestUse - time.GetElapsedTime(_receivedAt); // by the monotonic clock, which cannot be set back
        return left > TimeSpan.Zero && (ExpiresOn > other.ExpiresOn || left > other._longestUse - time.GetElapsedTime(other._receivedAt));
    }

    public bool IsSameAs(BearerToken other) => string.Equals(HeaderValue, other.HeaderValue, StringComparison.Ordinal);

    public override string ToString() => $"token received {ReceivedOn:u}, expires {ExpiresOn:u}";
}
