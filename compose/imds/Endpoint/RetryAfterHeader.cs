using System.Globalization;

namespace TokenBroker.Imds.Endpoint;

/// <summary>
/// Retry-After in its two forms (RFC 9110, 10.2.3), rounded up, so that a client that obeys is never too early.
/// </summary>
internal static class RetryAfterHeader
{
    internal static string Seconds(TimeSpan wait) =>
        ((long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);

    internal static string Date(DateTimeOffset now, TimeSpan wait) =>
        DateTimeOffset.FromUnixTimeSeconds((long)Math.Ceiling((now + wait - DateTimeOffset.UnixEpoch).TotalSeconds))
            .ToString("R", CultureInfo.InvariantCulture);
}
