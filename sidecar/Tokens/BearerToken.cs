using System.Diagnostics;

namespace TokenBroker.Tokens;

/// <summary>
/// A token that was received, with both clocks' readings of that moment. Immutable, so that a reader who holds a
/// reference needs no lock. Prints its times only.
/// </summary>
[DebuggerDisplay("{ToString(),nq}")]
internal sealed class BearerToken
{
    private readonly long _receivedAt;
    private readonly TimeSpan _longestUse;

    /// <param name="value">The token itself.</param>
    /// <param name="expiresOn">Expiry by the wall clock, as the issuer gave it.</param>
    /// <param name="longestUse">Bounds the token's use from now on by the monotonic clock.</param>
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

    /// <summary>R, from receipt to expiry, by the clock that is the more pessimistic.</summary>
    public TimeSpan Lifetime { get; }

    /// <summary>
    /// True while both clocks say that the token lives. Either may lie: the wall clock can be set back, and the
    /// monotonic one stands still while the host is suspended.
    /// </summary>
    public bool IsUsable(TimeProvider time) =>
        time.GetUtcNow() < ExpiresOn && time.GetElapsedTime(_receivedAt) < _longestUse;

    /// <summary>Time to expiry by the clock that is the more pessimistic; negative once expired.</summary>
    public TimeSpan Remaining(TimeProvider time)
    {
        var byWall = ExpiresOn - time.GetUtcNow();
        var byMonotonic = _longestUse - time.GetElapsedTime(_receivedAt);
        return byWall < byMonotonic ? byWall : byMonotonic;
    }

    /// <summary>True if a moment can come at which this token is usable and the other is not, whatever the clocks do.</summary>
    public bool Outlives(BearerToken other, TimeProvider time)
    {
        var left = _longestUse - time.GetElapsedTime(_receivedAt); // by the clock that nobody sets back
        return left > TimeSpan.Zero && (ExpiresOn > other.ExpiresOn || left > other._longestUse - time.GetElapsedTime(other._receivedAt));
    }

    public bool IsSameAs(BearerToken other) => string.Equals(HeaderValue, other.HeaderValue, StringComparison.Ordinal);

    public override string ToString() => $"token received {ReceivedOn:u}, expires {ExpiresOn:u}";
}
