using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using TokenBroker.Configuration;

namespace TokenBroker.Logging;

/// <summary>
/// The log on standard output. It has the platform's formats, but not the platform's queue, which waits when it is full: a
/// reader that stops reading would then stop requests, refreshes and shutdown.
/// </summary>
internal sealed class QueuedLoggerProvider : ILoggerProvider
{
    public const string MeterName = "TokenBroker.Logging";

    /// <summary>How long the end of the process waits for the last messages.</summary>
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(1);

    private readonly BrokerOptions _options;
    private readonly LogQueue _queue;
    private readonly ConsoleFormatter _formatter;
    private readonly LogWriter _writer;
    private readonly ConcurrentDictionary<string, QueuedLogger> _loggers = new(StringComparer.Ordinal);

    public QueuedLoggerProvider(BrokerOptions options, LogQueue queue, IEnumerable<ConsoleFormatter> formatters, IMeterFactory meters)
    {
        (_options, _queue) = (options, queue);
        var name = options.JsonLog ? ConsoleFormatterNames.Json : ConsoleFormatterNames.Simple;
        _formatter = formatters.First(formatter => formatter.Name == name);
        _writer = new(queue, bytes => StandardStream.TryWrite(StandardStream.Output, bytes),
            take => new QueuedLogger("Log", _formatter, () => true, bytes => take(bytes ?? [])));
        meters.Create(MeterName).CreateObservableCounter("tokenbroker.log.dropped", () => Observe(queue.Dropped),
            "{message}", "Log messages that were dropped because standard output was full or was not read: audit lines (audit true) and other messages.");
    }

    public ILogger CreateLogger(string categoryName) => _loggers.GetOrAdd(categoryName, category =>
    {
        var isAudit = category == LogQueue.AuditCategory;
        // With "refuse", the request reserved the place of its line before it began.
        Func<bool> tryReserve = isAudit && _options.AuditWhenFull == AuditWhenFull.Refuse ? () => true : () => _queue.TryReserve(isAudit);
        return new(category, _formatter, tryReserve, bytes =>
        {
            if (bytes is null)
                _queue.Discard(isAudit);
            else
                _queue.Add(new(bytes, isAudit));
        });
    });

    public void Dispose() => _writer.Close(CloseTimeout);

    private static Measurement<long>[] Observe(DroppedCounts dropped) =>
    [
        new(dropped.Audit, new KeyValuePair<string, object?>("audit", "true")),
        new(dropped.All - dropped.Audit, new KeyValuePair<string, object?>("audit", "false")),
    ];
}
