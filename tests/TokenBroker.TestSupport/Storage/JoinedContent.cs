namespace TokenBroker.TestSupport.Storage;

/// <summary>Contents one after another: the blocks of a blob.</summary>
internal sealed class JoinedContent : BlobContent
{
    private readonly BlobContent[] _parts;

    private JoinedContent(BlobContent[] parts) : base(parts.Sum(part => part.Length)) => _parts = parts;

    public override bool IsKept => _parts.All(part => part.IsKept);

    // Joined parts are taken apart again: an append blob of many blocks stays one list, and no tower.
    public static BlobContent Of(params IEnumerable<BlobContent> parts) =>
        new JoinedContent([.. parts.SelectMany(part => part is JoinedContent joined ? joined._parts : [part])]);

    public override void Read(long offset, Span<byte> target)
    {
        foreach (var part in _parts)
        {
            var skipped = Math.Min(offset, part.Length);
            var size = (int)Math.Min(target.Length, part.Length - skipped);
            if (size > 0)
                part.Read(skipped, target[..size]);
            target = target[size..];
            offset -= skipped;
        }
    }

    public override async Task WriteAsync(Stream target, long offset, long count, CancellationToken cancellation)
    {
        foreach (var part in _parts)
        {
            var skipped = Math.Min(offset, part.Length);
            var size = Math.Min(count, part.Length - skipped);
            if (size > 0)
                await part.WriteAsync(target, skipped, size, cancellation);
            count -= size;
            offset -= skipped;
        }
    }
}
