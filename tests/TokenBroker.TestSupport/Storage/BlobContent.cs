namespace TokenBroker.TestSupport.Storage;

/// <summary>The bytes of a blob: kept, made on the fly, or gone.</summary>
internal abstract class BlobContent(long length)
{
    public long Length { get; } = length;

    public abstract Task WriteAsync(Stream target, long offset, long count, CancellationToken cancellation);
}

/// <summary>One array per uploaded block.</summary>
internal sealed class KeptContent(IReadOnlyList<byte[]> pieces) : BlobContent(pieces.Sum(piece => (long)piece.Length))
{
    public IReadOnlyList<byte[]> Pieces => pieces;

    public byte[] ToArray() => pieces is [var only] ? [.. only] : [.. pieces.SelectMany(piece => piece)];

    public override async Task WriteAsync(Stream target, long offset, long count, CancellationToken cancellation)
    {
        foreach (var piece in pieces)
        {
            var skipped = (int)Math.Min(offset, piece.Length);
            var written = (int)Math.Min(count, piece.Length - skipped);
            if (written > 0)
                await target.WriteAsync(piece.AsMemory(skipped, written), cancellation);
            offset -= skipped;
            count -= written;
        }
    }
}

/// <summary>Any number of bytes of <see cref="Pattern"/>, a buffer at a time.</summary>
internal sealed class PatternContent(long length) : BlobContent(length)
{
    public override async Task WriteAsync(Stream target, long offset, long count, CancellationToken cancellation)
    {
        var buffer = new byte[64 * 1024];
        while (count > 0)
        {
            var size = (int)Math.Min(count, buffer.Length);
            Pattern.Fill(buffer.AsSpan(0, size), offset);
            await target.WriteAsync(buffer.AsMemory(0, size), cancellation);
            offset += size;
            count -= size;
        }
    }
}

/// <summary>Content that was hashed and let go: its length is known, and no one can read it back.</summary>
internal sealed class DroppedContent(long length) : BlobContent(length)
{
    public override Task WriteAsync(Stream target, long offset, long count, CancellationToken cancellation) =>
        throw new InvalidOperationException("The content of this blob was not kept: the account's KeepsContent is off.");
}
