using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using TokenBroker.Configuration;
using TokenBroker.Logging;

namespace TokenBroker.Hosting;

/// <summary>Where the log goes, and which of the platform's own messages never get there.</summary>
internal static class Logs
{
    /// <summary>
    /// Categories that print request targets, at levels where nobody expects it: blob names, and the signature of a SAS.
    /// They are off at every level; the product's own messages tell of the same events.
    /// </summary>
    private static readonly string[] PrintTargets =
    [
        "Microsoft.AspNetCore.Hosting.Diagnostics",
        "Microsoft.AspNetCore.Server.Kestrel.BadRequests",
        "Yarp.ReverseProxy.Forwarder.HttpForwarder",
    ];

    public static void AddLogs(this ILoggingBuilder logging, BrokerOptions options)
    {
        if (options.JsonLog)
            logging.AddJsonConsole(console => (console.UseUtcTimestamp, console.TimestampFormat) = (true, "yyyy-MM-ddTHH:mm:ss.fffZ"));
        else
            logging.AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.UseUtcTimestamp = true;
                console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
                // Colours on terminals only. Windows shows them only where a program has switched them on.
                console.ColorBehavior = OperatingSystem.IsWindows() ? LoggerColorBehavior.Disabled : LoggerColorBehavior.Default;
            });
        // The platform's formats stay; its writer goes, for its queue waits when it is full.
        logging.Services.Remove(logging.Services.Single(service => service.ImplementationType == typeof(ConsoleLoggerProvider)));
        logging.Services.AddSingleton<LogQueue>().AddSingleton<ILoggerProvider, QueuedLoggerProvider>();
        logging.SetMinimumLevel(options.LogLevel);
        // The platform speaks when something is wrong, or when everything is asked for.
        if (options.LogLevel > LogLevel.Debug)
            logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("System", LogLevel.Warning).AddFilter("Yarp", LogLevel.Warning);
        // The start-up message has the real ports, and what is weakened: it is written at every level.
        logging.AddFilter(StartupMessage.Category, LogLevel.Information);
        if (options.Audit)
            logging.AddFilter(LogQueue.AuditCategory, LogLevel.Information);
        foreach (var category in PrintTargets)
            logging.AddFilter(category, LogLevel.None);
        // A start that fails ends in a sentence of ours; this category would print its stack trace before.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
    }
}
