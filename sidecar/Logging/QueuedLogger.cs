using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace TokenBroker.Logging;

/// <summary>Formats a message at once, because its values may change later, and passes it on without waiting.</summary>
internal sealed class QueuedLogger(string category, ConsoleFormatter formatter, Func<bool> tryReserve, Action<byte[]?> add) : ILogger
{
    /// <summary>A longer message is dropped: it would need too much memory, and a truncated message is not valid JSON.</summary>
    private const int MaxLength = 64 * 1024;

    /// <summary>A buffer that a long message has grown is not kept.</summary>
    private const int MaxKeptCapacity = 4096;

    [ThreadStatic]
    private static StringWriter? buffer;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatMessage)
    {
        if (!IsEnabled(logLevel) || !tryReserve())
            return;
        byte[]? line = null;
        try
        {
            line = Format(new LogEntry<TState>(logLevel, category, eventId, state, exception, formatMessage));
        }
        catch (Exception)
        {
            // A value that cannot be formatted must not end the request that logs it; the message counts as dropped.
        }

        add(line);
    }

    private byte[]? Format<TState>(in LogEntry<TState> entry)
    {
        var text = buffer ??= new();
        var builder = text.GetStringBuilder();
        try
        {
            formatter.Write(entry, scopeProvider: null, text);
            if (builder.Length is 0 or > MaxLength)
                return null;
            return Encoding.UTF8.GetBytes(builder.ToString());
        }
        finally
        {
            builder.Clear();
            if (builder.Capacity > MaxKeptCapacity)
                builder.Capacity = MaxKeptCapacity;
        }
    }
}
