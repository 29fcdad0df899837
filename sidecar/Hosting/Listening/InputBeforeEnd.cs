using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace TokenBroker.Hosting.Listening;

/// <summary>
/// A connection whose input tells of its end only once everything before it was given out. The server's reader of a body
/// takes an end that comes with data for a body that was broken off, even where the data is the whole rest of it.
/// </summary>
internal sealed class InputBeforeEnd(IDuplexPipe transport) : PipeReader, IDuplexPipe
{
    private readonly PipeReader _input = transport.Input;
    private ReadOnlySequence<byte> _given;
    private long _seen; // bytes that were looked at and not consumed: they come again

    PipeReader IDuplexPipe.Input => this;

    PipeWriter IDuplexPipe.Output => transport.Output;

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        var read = _input.ReadAsync(cancellationToken);
        return read.IsCompletedSuccessfully ? new(Give(read.Result)) : AwaitAsync(read);
    }

    public override bool TryRead(out ReadResult result)
    {
        if (!_input.TryRead(out result))
            return false;
        result = Give(result);
        return true;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        _seen = consumed.Equals(examined) ? 0 : _given.Slice(consumed, examined).Length;
        _given = default;
        _input.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => _input.CancelPendingRead();
    public override void Complete(Exception? exception = null) => _input.Complete(exception);
    public override ValueTask CompleteAsync(Exception? exception = null) => _input.CompleteAsync(exception);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> AwaitAsync(ValueTask<ReadResult> read) => Give(await read);

    private ReadResult Give(ReadResult result)
    {
        _given = result.Buffer;
        return result.IsCompleted && result.Buffer.Length > _seen ? new(result.Buffer, result.IsCanceled, isCompleted: false) : result;
    }
}
