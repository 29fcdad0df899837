using TokenBroker.Configuration;

namespace TokenBroker.Logging;

/// <summary>
/// Messages on their way to standard output, bounded by count and by bytes. Callers never wait: a message is dropped and
/// counted if there is no room. Room is reserved before a message is formatted, so a dropped message costs nothing and a
/// reserved message always fits.
/// </summary>
internal sealed class LogQueue(BrokerOptions options, TimeProvider time)
{
    /// <summary>
    /// The category of the audit log. No other category begins with it, so that a collector can separate these lines.
    /// </summary>
    public const string AuditCategory = "Audit";

    /// <summary>How many bytes a reserved place counts until its message is formatted. Most messages are shorter.</summary>
    public const int PlaceBytes = 1024;

    private const int MaxLines = 4096;

    /// <summary>Requests must not be able to displace audit lines by causing other messages.</summary>
    private const int MaxOrdinaryLines = MaxLines / 4 * 3;

    /// <summary>How often drops are reported while the reader stays too slow.</summary>
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(10);

    private readonly object _gate = new();
    private readonly Queue<LogLine> _lines = new();
    // With "refuse", every request holds a place while it runs.
    private readonly int _maxLines = MaxLines + (options.AuditWhenFull == AuditWhenFull.Refuse ? options.MaxRequests : 0);

    // All below are read and written under the gate.
    private int _count;
    private long _bytes;
    private long _dropped, _droppedAudit;
    private long _reported, _reportedAudit;
    private long _unreportedSince;
    private bool _isClosed;
    private bool _isFailing;

    /// <summary>Messages that were dropped since the start.</summary>
    public DroppedCounts Dropped
    {
        get
        {
            lock (_gate)
                return new(_dropped, _droppedAudit);
        }
    }

    /// <summary>True if the queue is full for the next audit line.</summary>
    public bool IsFull
    {
        get
        {
            lock (_gate)
                return !HasRoom_NeedsGate(isAudit: true);
        }
    }

    /// <returns>False if the queue is full; the message is then counted as dropped and must not be added.</returns>
    public bool TryReserve(bool isAudit)
    {
        lock (_gate)
        {
            if (!HasRoom_NeedsGate(isAudit))
            {
                Drop_NeedsGate(isAudit);
                return false;
            }

            _count++;
            _bytes += PlaceBytes;
            return true;
        }
    }

    /// <summary>Adds a message for which a place was reserved.</summary>
    public void Add(LogLine line)
    {
        lock (_gate)
        {
            _bytes += line.Bytes.Length - PlaceBytes;
            _lines.Enqueue(line);
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Releases a reserved place whose message cannot be written.</summary>
    public void Discard(bool isAudit)
    {
        lock (_gate)
        {
            _count--;
            _bytes -= PlaceBytes;
            Drop_NeedsGate(isAudit);
        }
    }

    /// <summary>Waits for a message. Only the writer's own thread calls this.</summary>
    /// <returns>False once the queue is closed and empty.</returns>
    public bool Take(out LogLine line)
    {
        lock (_gate)
        {
            while (_lines.Count == 0 && !_isClosed)
                Monitor.Wait(_gate);
            if (!_lines.TryDequeue(out line))
                return false;
            _count--;
            _bytes -= line.Bytes.Length;
            return true;
        }
    }

    /// <summary>
    /// A message was taken and cannot be written now. With "refuse" it must not be lost: no more places are reserved, and
    /// the writer retries after this wait.
    /// </summary>
    /// <returns>False if this was the last try: messages may be dropped, or the process ends.</returns>
    public bool WaitToRetry(TimeSpan interval)
    {
        lock (_gate)
        {
            _isFailing = options.AuditWhenFull == AuditWhenFull.Refuse;
            if (_isFailing && !_isClosed)
                Monitor.Wait(_gate, interval);
            return _isFailing && !_isClosed;
        }
    }

    /// <summary>A message was written.</summary>
    public void MarkWritable()
    {
        lock (_gate)
            _isFailing = false;
    }

    /// <summary>A message was taken and could not be written.</summary>
    public void CountUnwritten(bool isAudit)
    {
        lock (_gate)
            Drop_NeedsGate(isAudit);
    }

    /// <summary>What was dropped since the last report, as soon as there is room; null if there is nothing to report.</summary>
    public DroppedCounts? UnreportedDrops()
    {
        lock (_gate)
        {
            if (_dropped == _reported || (_count > _maxLines / 2 && time.GetElapsedTime(_unreportedSince) < ReportInterval))
                return null;
            return new(_dropped - _reported, _droppedAudit - _reportedAudit);
        }
    }

    public void MarkReported(DroppedCounts counts)
    {
        lock (_gate)
        {
            _reported += counts.All;
            _reportedAudit += counts.Audit;
            _unreportedSince = time.GetTimestamp();
        }
    }

    /// <summary>The writer ends once it has written what is here.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            Monitor.Pulse(_gate);
        }
    }

    private bool HasRoom_NeedsGate(bool isAudit) => isAudit
        ? !_isFailing && _count < _maxLines && _bytes + PlaceBytes <= (long)_maxLines * PlaceBytes
        : _count < MaxOrdinaryLines && _bytes + PlaceBytes <= MaxOrdinaryLines * PlaceBytes;

    private void Drop_NeedsGate(bool isAudit)
    {
        if (_dropped == _reported)
            _unreportedSince = time.GetTimestamp();
        _dropped++;
        if (isAudit)
            _droppedAudit++;
    }
}
