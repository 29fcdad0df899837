using System.Collections.Immutable;

namespace TokenBroker.TestSupport.Storage;

/// <summary>The pages of a page blob that were written; all others are zeros.</summary>
internal sealed class PageContent(long length, ImmutableSortedDictionary<long, byte[]> pages) : BlobContent(length)
{
    public const int PageSize = 512;

    public static PageContent Blank(long length) => new(length, ImmutableSortedDictionary<long, byte[]>.Empty);

    /// <summary>Both ends are on page boundaries, and inside.</summary>
    public PageContent With(long offset, BlobContent content)
    {
        var written = pages.ToBuilder();
        for (long at = 0; at < content.Length; at += PageSize)
        {
            var page = new byte[PageSize];
            content.Read(at, page);
            written[(offset + at) / PageSize] = page;
        }
        return new PageContent(Length, written.ToImmutable());
    }

    public PageContent Without(long offset, long count) =>
        new(Length, pages.RemoveRange(pages.Keys.Where(page => page >= offset / PageSize && page < (offset + count) / PageSize)));

    public PageContent Resized(long size) => new(size, pages.RemoveRange(pages.Keys.Where(page => page >= size / PageSize)));

    /// <summary>First and last byte of each run of written pages that touches the range.</summary>
    public IEnumerable<(long First, long Last)> Ranges(long offset, long count)
    {
        (long First, long Last)? run = null;
        foreach (var page in pages.Keys.Where(page => page >= offset / PageSize && page * PageSize < offset + count))
        {
            if (run is { } open && open.Last + 1 == page * PageSize)
            {
                run = (open.First, open.Last + PageSize);
                continue;
            }
            if (run is { } ended)
                yield return ended;
            run = (page * PageSize, (page + 1) * PageSize - 1);
        }
        if (run is { } last)
            yield return last;
    }

    public override void Read(long offset, Span<byte> target)
    {
        target.Clear();
        while (target.Length > 0)
        {
            var inside = (int)(offset % PageSize);
            var size = Math.Min(target.Length, PageSize - inside);
            if (pages.TryGetValue(offset / PageSize, out var page))
                page.AsSpan(inside, size).CopyTo(target);
            target = target[size..];
            offset += size;
        }
    }
}
