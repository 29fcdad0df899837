using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;

namespace TokenBroker.Limits;

/// <summary>
/// Reads one client's connection and counts the bytes of its current head. The server turns complete header lines into
/// strings while it waits for the rest, so the size of the buffer cannot be used.
/// </summary>
internal sealed class ClientHead(ConnectionContext connection, ListenerLimit limit, TimeProvider time) : PipeReader, IDuplexPipe
{
    /// <summary>The server's limits on the request line and on all headers together. What is counted beyond that is not a head.</summary>
    private const int MaxBytes = 96 * 1024;

    private readonly IDuplexPipe _transport = connection.Transport;
    private readonly PipeReader _input = connection.Transport.Input;
    private ReadOnlySequence<byte> _buffer;
    private long _unconsumed;
    private long _held;
    private volatile bool _isInRequest;

    PipeReader IDuplexPipe.Input => this;

    PipeWriter IDuplexPipe.Output => _transport.Output;

    /// <summary>The bytes that count now.</summary>
    public long Held => Interlocked.Read(ref _held);

    /// <summary>The head is complete and the body follows. Its bytes count until the request is admitted or ends.</summary>
    public void BeginRequest() => _isInRequest = true;

    /// <summary>The next head begins with the bytes that were already read.</summary>
    public void EndRequest()
    {
        Release();
        _isInRequest = false;
        Grow(_unconsumed);
    }

    /// <summary>The request was admitted. From now on it is counted as a request in flight.</summary>
    public void Release()
    {
        if (Interlocked.Exchange(ref _held, 0) is var held and > 0)
            limit.Heads.Change(-held);
    }

    public void Close()
    {
        Release();
        connection.Abort(new ConnectionAbortedException("Its request head uses memory that other connections need."));
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        var reading = _input.ReadAsync(cancellationToken);
        return reading.IsCompletedSuccessfully ? new(Count(reading.Result)) : WaitAsync(reading);
    }

    public override bool TryRead(out ReadResult result)
    {
        if (!_input.TryRead(out result))
            return false;
        Count(result);
        return true;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        _unconsumed = _buffer.Slice(consumed).Length;
        _buffer = default;
        _input.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => _input.CancelPendingRead();
    public override void Complete(Exception? exception = null) => _input.Complete(exception);
    public override ValueTask CompleteAsync(Exception? exception = null) => _input.CompleteAsync(exception);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> WaitAsync(ValueTask<ReadResult> reading)
    {
        if (limit.MaxSilence is not { } silence)
            return Count(await reading);
        await using var timer = time.CreateTimer(static head => ((ClientHead)head!).Close(), this, silence, Timeout.InfiniteTimeSpan);
        return Count(await reading);
    }

    private ReadResult Count(ReadResult result)
    {
        _buffer = result.Buffer;
        if (!_isInRequest)
            Grow(_buffer.Length - _unconsumed);
        return result;
    }

    private void Grow(long bytes)
    {
        bytes = Math.Min(bytes, MaxBytes - Held);
        if (bytes <= 0)
            return;
        if (Interlocked.Add(ref _held, bytes) > limit.MaxHeadBytes)
            connection.Abort(new ConnectionAbortedException("The request head is longer than this listener allows."));
        limit.Heads.Change(bytes);
    }
}
