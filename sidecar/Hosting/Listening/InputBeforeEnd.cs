using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace TokenBroker.Hosting.Listening;

/// <summary>
/// A connection whose input reports its end only after all data before it was read. If the end comes together with data,
/// the server's body reader assumes an incomplete body, even if the data is the complete rest of it.
/// </summary>
internal sealed class InputBeforeEnd(IDuplexPipe transport) : PipeReader, IDuplexPipe
{
    private readonly PipeReader _input = transport.Input;
    private ReadOnlySequence<byte> _given;
    private long _seen; // bytes that were examined but not consumed: they are returned again

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
