using System.IO.Pipelines;

namespace TokenBroker.Proxy.Telemetry;

/// <summary>One client connection. It records when the server has written an answer's headers to it.</summary>
internal sealed class ClientConnection(IDuplexPipe transport, TimeProvider time) : PipeWriter, IDuplexPipe
{
    private readonly PipeWriter _output = transport.Output;

    PipeReader IDuplexPipe.Input => transport.Input;

    PipeWriter IDuplexPipe.Output => this;

    /// <summary>When the first flush since <see cref="ExpectAsync"/> was written; 0 if there was none.</summary>
    public long Flushed { get; private set; }

    /// <summary>An answer begins: the next flush contains its headers.</summary>
    public Task ExpectAsync()
    {
        Flushed = 0;
        return Task.CompletedTask;
    }

    /// <summary>Does not wait until the client has read it, because that is the client's time.</summary>
    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => Handed(_output.FlushAsync(cancellationToken));

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default) =>
        Handed(_output.WriteAsync(source, cancellationToken));

    public override bool CanGetUnflushedBytes => _output.CanGetUnflushedBytes;
    public override long UnflushedBytes => _output.UnflushedBytes;
    public override void Advance(int bytes) => _output.Advance(bytes);
    public override Memory<byte> GetMemory(int sizeHint = 0) => _output.GetMemory(sizeHint);
    public override Span<byte> GetSpan(int sizeHint = 0) => _output.GetSpan(sizeHint);
    public override void CancelPendingFlush() => _output.CancelPendingFlush();
    public override void Complete(Exception? exception = null) => _output.Complete(exception);
    public override ValueTask CompleteAsync(Exception? exception = null) => _output.CompleteAsync(exception);

    private ValueTask<FlushResult> Handed(ValueTask<FlushResult> flush)
    {
        if (Flushed == 0)
            Flushed = time.GetTimestamp();
        return flush;
    }
}
