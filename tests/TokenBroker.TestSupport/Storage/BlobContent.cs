namespace TokenBroker.TestSupport.Storage;

/// <summary>The bytes of a blob: kept, made on the fly, or gone. Never changed: a write makes new content, so that snapshots and running reads keep theirs.</summary>
internal abstract class BlobContent(long length)
{
    public static BlobContent Empty { get; } = new KeptContent([]);

    public long Length { get; } = length;

    /// <summary>False if the bytes cannot be read back.</summary>
    public virtual bool IsKept => true;

    /// <summary>Fills the target from <paramref name="offset"/> on; the range lies inside the content.</summary>
    public abstract void Read(long offset, Span<byte> target);

    public virtual async Task WriteAsync(Stream target, long offset, long count, CancellationToken cancellation)
    {
        var buffer = new byte[64 * 1024];
        while (count > 0)
        {
            var size = (int)Math.Min(count, buffer.Length);
            Read(offset, buffer.AsSpan(0, size));
            await target.WriteAsync(buffer.AsMemory(0, size), cancellation);
            offset += size;
            count -= size;
        }
    }

    public BlobContent Slice(long offset, long count) => offset == 0 && count == Length ? this : new SlicedContent(this, offset, count);

    public byte[] ToArray()
    {
        var bytes = new byte[Length];
        Read(0, bytes);
        return bytes;
    }
}

internal sealed class KeptContent(byte[] bytes) : BlobContent(bytes.Length)
{
    public override void Read(long offset, Span<byte> target) => bytes.AsSpan((int)offset, target.Length).CopyTo(target);

    public override Task WriteAsync(Stream target, long offset, long count, CancellationToken cancellation) =>
        target.WriteAsync(bytes.AsMemory((int)offset, (int)count), cancellation).AsTask();
}

/// <summary>Any number of bytes of <see cref="Pattern"/>.</summary>
internal sealed class PatternContent(long length) : BlobContent(length)
{
    public override void Read(long offset, Span<byte> target) => Pattern.Fill(target, offset);
}

/// <summary>Content that was hashed and let go: its length is known, and no one can read it back.</summary>
internal sealed class DroppedContent(long length) : BlobContent(length)
{
    public override bool IsKept => false;

    public override void Read(long offset, Span<byte> target) =>
        throw new InvalidOperationException("The content of this blob was not kept: the account's KeepsContent is off, or it was too large.");
}

/// <summary>Part of another content.</summary>
internal sealed class SlicedContent(BlobContent inner, long start, long length) : BlobContent(length)
{
    public override bool IsKept => inner.IsKept;

    public override void Read(long offset, Span<byte> target) => inner.Read(start + offset, target);

    public override Task WriteAsync(Stream target, long offset, long count, CancellationToken cancellation) =>
        inner.WriteAsync(target, start + offset, count, cancellation);
}
