using Microsoft.Extensions.Logging;

namespace TokenBroker.Logging;

/// <summary>
/// The one thread that writes to standard output. It may wait for the reader for any time. Nothing else waits for it,
/// except the end of the process for a moment.
/// </summary>
internal sealed partial class LogWriter
{
    /// <summary>How long after a failure the same message is tried again, where none may be lost.</summary>
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private static readonly byte[] LineEnd = [(byte)'\n'];

    private readonly LogQueue _queue;
    private readonly Func<ReadOnlySpan<byte>, bool> _write;
    private readonly ILogger _notices;
    private readonly Thread _thread;
    private byte[]? _notice;
    private bool _isMidLine;

    /// <param name="queue">What to write.</param>
    /// <param name="write">Writes all of the bytes, or returns false if that failed.</param>
    /// <param name="notices">Makes a logger that passes formatted messages to a callback; used for the writer's own message.</param>
    public LogWriter(LogQueue queue, Func<ReadOnlySpan<byte>, bool> write, Func<Action<byte[]>, ILogger> notices)
    {
        (_queue, _write) = (queue, write);
        _notices = notices(bytes => _notice = bytes);
        _thread = new(Run) { IsBackground = true, Name = "log writer" };
        _thread.Start();
    }

    /// <summary>Writes what can be written within the limit.</summary>
    public void Close(TimeSpan limit)
    {
        _queue.Close();
        _thread.Join(limit);
    }

    private void Run()
    {
        while (_queue.Take(out var line))
        {
            var isWritten = TryWrite(line.Bytes);
            while (!isWritten && _queue.WaitToRetry(RetryInterval))
                isWritten = TryWrite(line.Bytes);
            if (!isWritten)
            {
                _queue.CountUnwritten(line.IsAudit);
                continue;
            }

            _queue.MarkWritable();
            if (_queue.UnreportedDrops() is { } drops)
                Report(drops);
        }
    }

    private void Report(DroppedCounts drops)
    {
        _notice = null;
        Dropped(_notices, drops.All, drops.Audit);
        if (_notice is { } bytes && TryWrite(bytes))
            _queue.MarkReported(drops);
    }

    private bool TryWrite(ReadOnlySpan<byte> line)
    {
        // A full disk may have cut the previous line; the next line must not continue it.
        if (_isMidLine && !_write(LineEnd))
            return false;
        _isMidLine = !_write(line);
        return !_isMidLine;
    }

    [LoggerMessage(20, LogLevel.Warning, "Dropped {Count} log messages ({AuditCount} audit lines) while standard output was not being read")]
    private static partial void Dropped(ILogger logger, long count, long auditCount);
}
