using Microsoft.Extensions.Logging;
using TokenBroker.Configuration;
using TokenBroker.Limits;

namespace TokenBroker.Hosting;

/// <summary>Logs at the start how much this process accepts at once on this host.</summary>
internal static partial class LimitsMessage
{
    public static void Write(ILoggerFactory loggers, BrokerOptions options, EffectiveLimits limits)
    {
        var logger = loggers.CreateLogger(StartupMessage.Category);
        Effective(logger, limits.Connections, limits.Requests, limits.BufferedBytes / (1024 * 1024), Cause(limits));
        if (limits.AreBoundByDescriptors)
            TooFewDescriptors(logger, limits.Descriptors!.Value, limits.Connections, options.MaxConnections, limits.Requests, options.MaxRequests);
    }

    private static string Cause(EffectiveLimits limits) =>
        limits.AreBoundByDescriptors ? "the limit of open files"
        : limits.AreBoundByMemory ? "the memory of this host or container"
        : "the settings";

    [LoggerMessage(45, LogLevel.Information, "Limits: {Connections} connections, {Requests} requests in flight, {Buffered} MiB of buffered bodies (set by {Cause})")]
    private static partial void Effective(ILogger logger, int connections, int requests, long buffered, string cause);

    [LoggerMessage(46, LogLevel.Warning, "The limit of {Descriptors} open files allows {Connections} of {MaxConnections} connections and {Requests} of {MaxRequests} requests. Raise it with LimitNOFILE= or ulimit -n")]
    private static partial void TooFewDescriptors(ILogger logger, long descriptors, int connections, int maxConnections, int requests, int maxRequests);
}
