using System.Runtime.CompilerServices;

namespace TokenBroker.Upstream;

/// <summary>
/// One connection to storage. Counts itself and its bytes before encryption, and reports a connection that is lost before an
/// answer as a <see cref="LostConnectionException"/>.
/// </summary>
internal sealed class UpstreamConnection : Stream
{
    /// <summary>No answer is due: no request was written yet, or storage has answered the last one at least in part.</summary>
    private const int Quiet = 0;

    /// <summary>A request was written, and nothing has come since.</summary>
    private const int Awaiting = 1;

    /// <summary>Storage has closed its side.</summary>
    private const int Ended = 2;

    private readonly Stream _inner;
    private readonly UpstreamMetrics _metrics;
    private readonly string _account;
    private volatile bool _wasRead;
    private volatile bool _wasKept;
    private int _state;
    private int _closed;

    public UpstreamConnection(Stream inner, UpstreamMetrics metrics, string account)
    {
        (_inner, _metrics, _account) = (inner, metrics, account);
        metrics.Connected(account, 1);
    }

    public override bool CanRead => _inner.CanRead;
    public override bool CanSeek => false;
    public override bool CanWrite => _inner.CanWrite;
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _wasRead = true;
        int count;
        try
        {
            count = await _inner.ReadAsync(buffer, cancellationToken);
        }
        catch (IOException error) when (Volatile.Read(ref _state) == Awaiting)
        {
            throw new LostConnectionException(_wasKept, error);
        }

        if (count > 0)
        {
            Interlocked.CompareExchange(ref _state, Quiet, Awaiting);
            _metrics.Received(_account, count);
        }
        else if (!buffer.IsEmpty && Interlocked.Exchange(ref _state, Ended) == Awaiting)
        {
            // If the stream ends, HttpClient would itself send any request without a body again, up to three times.
            throw new LostConnectionException(_wasKept, cause: null);
        }

        return count;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        BeginWrite(buffer.Span);
        try
        {
            await _inner.WriteAsync(buffer, cancellationToken);
        }
        catch (IOException error) when (Volatile.Read(ref _state) == Awaiting)
        {
            throw new LostConnectionException(_wasKept, error);
        }

        _metrics.Sent(_account, buffer.Length);
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

    /// <summary>
    /// A request begins with its request line. Its body may follow after 100 Continue, or after an early answer: then no further
    /// answer is due. HttpClient reads before it writes a request only where the connection was idle in its pool or carried
    /// another request: then it was kept.
    /// </summary>
    private void BeginWrite(ReadOnlySpan<byte> bytes)
    {
        if (Volatile.Read(ref _state) == Awaiting || !BeginsRequest(bytes))
            return;
        _wasKept = _wasRead;
        if (Interlocked.CompareExchange(ref _state, Awaiting, Quiet) == Ended)
            throw new LostConnectionException(_wasKept, cause: null);
    }

    /// <summary>A body could begin like this too. Only its own request is affected then, and that one is not repeated.</summary>
    private static bool BeginsRequest(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith("GET /"u8) || bytes.StartsWith("PUT /"u8) || bytes.StartsWith("HEAD /"u8) || bytes.StartsWith("POST /"u8) || bytes.StartsWith("DELETE /"u8);
}
