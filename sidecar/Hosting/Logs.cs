using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using TokenBroker.Configuration;
using TokenBroker.Logging;

namespace TokenBroker.Hosting;

/// <summary>Where the log goes, and which of the platform's own messages are switched off.</summary>
internal static class Logs
{
    /// <summary>
    /// Categories that print request targets at unexpected levels, with blob names and SAS signatures. They are off at
    /// every level; the product's own messages report the same events.
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
                // Colours only on terminals. On Windows a program must switch them on first.
                console.ColorBehavior = OperatingSystem.IsWindows() ? LoggerColorBehavior.Disabled : LoggerColorBehavior.Default;
            });
        // The platform's formats are used, but not its writer, whose queue blocks when it is full.
        logging.Services.Remove(logging.Services.Single(service => service.ImplementationType == typeof(ConsoleLoggerProvider)));
        logging.Services.AddSingleton<LogQueue>().AddSingleton<ILoggerProvider, QueuedLoggerProvider>();
        logging.SetMinimumLevel(options.LogLevel);
        // The platform's messages are logged only for problems, or if everything is requested.
        if (options.LogLevel > LogLevel.Debug)
            logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("System", LogLevel.Warning).AddFilter("Yarp", LogLevel.Warning);
        // The start-up messages have the real ports and the security warnings: they are written at every level.
        logging.AddFilter(StartupMessage.Category, LogLevel.Information);
        if (options.Audit)
            logging.AddFilter(LogQueue.AuditCategory, LogLevel.Information);
        foreach (var category in PrintTargets)
            logging.AddFilter(category, LogLevel.None);
        // If the start fails, the sidecar prints one sentence; this category would print a stack trace before it.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
    }
}
