using Microsoft.Extensions.Logging;

namespace TokenBroker.Upstream;

/// <summary>The log messages of this slice.</summary>
internal static partial class UpstreamLog
{
    [LoggerMessage(300, LogLevel.Warning, "DNS lookup of {Host} failed: {Problem}. The {Count} last known addresses are used until a lookup succeeds")]
    public static partial void LookupFailing(ILogger logger, string host, string problem, int count);

    [LoggerMessage(301, LogLevel.Information, "DNS lookup of {Host} succeeds again")]
    public static partial void LookupRecovered(ILogger logger, string host);

    [LoggerMessage(212, LogLevel.Warning, "This host's clock is {Seconds:0} s {Direction} storage's clock, according to the answers of {Account}")]
    public static partial void ClockIsOff(ILogger logger, double seconds, string direction, string account);
}
