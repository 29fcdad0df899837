using System.Runtime.CompilerServices;
using TokenBroker.Proxy.Telemetry;

namespace TokenBroker.Proxy;

/// <summary>
/// One connection to storage, with its metrics: open connections, bytes before encryption, and the times at which a
/// request's headers were sent and its answer's headers arrived.
/// </summary>
internal sealed class UpstreamConnection : Stream
{
    private readonly Stream _inner;
    private readonly ProxyMetrics _metrics;
    private readonly string _account;
    private bool _isInUse;
    private int _closed;

    public UpstreamConnection(Stream inner, ProxyMetrics metrics, string account)
    {
        (_inner, _metrics, _account) = (inner, metrics, account);
        OpenedAt = metrics.Time.GetTimestamp();
        metrics.Connected(account, 1);
    }

    /// <summary>
    /// When data was last sent or received. Just after an answer's headers were returned, this is when they arrived, or
    /// when the last of the request's body was sent if storage answered before that.
    /// </summary>
    public long LastMoved { get; private set; }

    public long OpenedAt { get; }

    /// <summary>The connection has carried another request before the current one.</summary>
    public bool WasUsed { get; private set; }

    /// <summary>Some of the current request's answer has arrived.</summary>
    public bool HasAnswer { get; private set; }

    public override bool CanRead => _inner.CanRead;
    public override bool CanSeek => false;
    public override bool CanWrite => _inner.CanWrite;
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>A request is about to be written.</summary>
    public void Begin() => (WasUsed, _isInUse, HasAnswer) = (_isInUse, true, false);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await _inner.ReadAsync(buffer, cancellationToken);
        if (count > 0)
        {
            HasAnswer = true;
            LastMoved = _metrics.Time.GetTimestamp();
            _metrics.Exchanged(_account, "received", count);
        }
        else if (_isInUse && !HasAnswer && !buffer.IsEmpty)
        {
            // If the stream ends, HttpClient would itself send any request without a body again, up to three times.
            throw new HttpIOException(HttpRequestError.ResponseEnded, "Storage closed the connection before it answered.");
        }

        return count;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var request = MeasuredRequest.Current;
        request?.Writing(this);
        await _inner.WriteAsync(buffer, cancellationToken);
        LastMoved = _metrics.Time.GetTimestamp();
        request?.Wrote(this);
        _metrics.Exchanged(_account, "sent", buffer.Length);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => _inner.FlushAsync(cancellationToken);

    public override void Flush() => _inner.Flush();
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        await _inner.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref _closed, 1) == 0)
        {
            _inner.Dispose();
            _metrics.Connected(_account, -1);
        }

        base.Dispose(disposing);
    }
}
