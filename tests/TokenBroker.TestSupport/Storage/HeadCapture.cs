using System.Buffers;
using System.IO.Pipelines;

namespace TokenBroker.TestSupport.Storage;

/// <summary>
/// Listens in on what Kestrel reads from a connection, since Kestrel itself forgets the order of headers and the spelling
/// of their names. Kestrel consumes exactly the head before it calls the application, so that what was consumed last,
/// from the request line on, is the head. The bytes are copied before Kestrel sees them: it decodes paths in place.
/// </summary>
internal sealed class HeadCapture(PipeReader inner) : PipeReader
{
    // More than Kestrel is allowed to take for a head (see StrictStorage), and what is left of a body before it.
    private const int MaxBytes = 256 * 1024;

    private readonly ArrayBufferWriter<byte> _consumed = new();
    // Read and not yet consumed.
    private byte[] _pending = new byte[16 * 1024];
    private int _start;
    private int _end;
    private ReadOnlySequence<byte> _read;
    // Off while a body streams by: only heads matter, and bodies may be huge.
    private bool _listening = true;

    public void Listen()
    {
        _consumed.ResetWrittenCount();
        _listening = true;
    }

    /// <summary>The head whose request line this is; listens no longer until told.</summary>
    public byte[] Take(ReadOnlySpan<byte> requestLine)
    {
        _listening = false;
        var consumed = _consumed.WrittenSpan;
        // The last one: what stands before is what was left of the body of the request before.
        var start = consumed.LastIndexOf(requestLine);
        return start < 0 ? [] : consumed[start..].ToArray();
    }

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        var result = await inner.ReadAsync(cancellationToken);
        Copy(result.Buffer);
        return result;
    }

    public override bool TryRead(out ReadResult result)
    {
        var read = inner.TryRead(out result);
        if (read)
            Copy(result.Buffer);
        return read;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        var count = (int)_read.Slice(_read.Start, consumed).Length;
        if (_listening)
            Keep(_pending.AsSpan(_start, count));
        _start += count;
        _read = default;
        inner.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    // What the reader was given before and did not consume it is given again: only the rest is new.
    private void Copy(ReadOnlySequence<byte> buffer)
    {
        _read = buffer;
        var pending = _pending.AsSpan(_start, _end - _start);
        var added = buffer.Slice(pending.Length);
        var length = (int)buffer.Length;
        if (_pending.Length < length)
        {
            var larger = new byte[Math.Max(length, 2 * _pending.Length)];
            pending.CopyTo(larger);
            _pending = larger;
        }
        else
            pending.CopyTo(_pending);
        added.CopyTo(_pending.AsSpan(pending.Length));
        (_start, _end) = (0, length);
    }

    private void Keep(ReadOnlySpan<byte> piece)
    {
        if (_consumed.WrittenCount + piece.Length > MaxBytes)
        {
            // Only the end can be a head: the rest of an unread body goes.
            var tail = _consumed.WrittenSpan[^Math.Min(_consumed.WrittenCount, MaxBytes / 2)..].ToArray();
            _consumed.ResetWrittenCount();
            _consumed.Write(tail);
        }
        _consumed.Write(piece);
    }
}

/// <summary>A connection's two directions, the reading one replaced.</summary>
internal sealed record TappedTransport(PipeReader Input, PipeWriter Output) : IDuplexPipe;
