using System.Globalization;
using System.Xml.Linq;

namespace TokenBroker.TestSupport.Storage;

/// <summary>Page blobs: created blank, written and cleared in pages of 512 bytes.</summary>
internal static class PageBlobs
{
    private const long MaxPutPage = 4 * 1024 * 1024;

    public static Task<StorageError?> CreateAsync(StorageRequest request)
    {
        if (request.Header("x-ms-blob-content-length") is not { } header)
            return Task.FromResult<StorageError?>(StorageError.MissingHeader);
        if (request.Context.Request.ContentLength != 0 || !TrySize(header, out var size))
            return Task.FromResult<StorageError?>(StorageError.InvalidHeader);
        _ = long.TryParse(request.Header("x-ms-blob-sequence-number"), NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        return Task.FromResult(BlobChange.Begin(request, out var container) ?? BlobChange.Commit(request, container!, 201, _ =>
            new StoredBlob(PageContent.Blank(size), BlobHeaders.Of(request, takesContentType: true))
            {
                Type = BlobType.PageBlob,
                SequenceNumber = number,
                Tags = BlobTags.OfHeader(request),
            }));
    }

    public static async Task<StorageError?> PutPageAsync(StorageRequest request)
    {
        if (BlobChange.Begin(request, out var container) is { } refusal)
            return refusal;
        if (!TryPages(request, out var offset, out var count))
            return StorageError.InvalidPageRange;
        var length = request.Context.Request.ContentLength;
        switch (request.Header("x-ms-page-write"))
        {
            case "clear" when length == 0:
                return Write(request, container!, offset, count, pages => pages.Without(offset, count));
            case "update" when length > MaxPutPage:
                return BlobChange.TooLarge(request, MaxPutPage);
            case "update" when length == count:
                var content = new KeptContent((await RequestBody.ReadAsync(request.Context, request.Record, keep: true))!);
                return Write(request, container!, offset, count, pages => pages.With(offset, content));
            case null:
                return StorageError.MissingHeader;
            default:
                return StorageError.InvalidHeader;
        }
    }

    /// <summary>The pages that the request's range names; false if it is missing or not on page boundaries.</summary>
    public static bool TryPages(StorageRequest request, out long offset, out long count)
    {
        var isRange = BlobReads.TryParse(BlobReads.RangeOf(request), out offset, out var last);
        count = (last ?? -1) - offset + 1;
        return isRange && offset % PageContent.PageSize == 0 && count > 0 && count % PageContent.PageSize == 0;
    }

    public static StorageError? Write(StorageRequest request, StoredContainer container, long offset, long count, Func<PageContent, PageContent> write) =>
        BlobChange.CommitPresent(request, container, 201, blob =>
        {
            if (blob.Content is not PageContent pages)
                return StorageError.WrongBlobType;
            if (offset + count > blob.Length)
                return StorageError.InvalidPageRange;
            request.Answer("x-ms-blob-sequence-number", blob.SequenceNumber.ToString(CultureInfo.InvariantCulture));
            return blob.Changed() with { Content = write(pages) };
        });

    public static async Task<StorageError?> RangesAsync(StorageRequest request)
    {
        if (BlobReads.Begin(request, out var blob, out _) is { } refusal)
            return refusal;
        if (blob!.Content is not PageContent pages)
            return StorageError.WrongBlobType;
        var first = BlobReads.TryParse(BlobReads.RangeOf(request), out var offset, out var end) ? offset : 0;
        var ranges = pages.Ranges(first, Math.Min(end ?? blob.Length - 1, blob.Length - 1) - first + 1);
        BlobHeaders.WriteVersion(request, blob);
        request.Answer("x-ms-blob-content-length", blob.Length.ToString(CultureInfo.InvariantCulture));
        await request.AnswerXmlAsync(new XElement("PageList",
            ranges.Select(range => new XElement("PageRange", new XElement("Start", range.First), new XElement("End", range.Last)))));
        return null;
    }

    public static BlobChange.Outcome Resize(StoredBlob blob, string length)
    {
        if (blob.Content is not PageContent pages)
            return StorageError.WrongBlobType;
        return TrySize(length, out var size) ? blob with { Content = pages.Resized(size) } : StorageError.InvalidHeader;
    }

    private static bool TrySize(string header, out long size) =>
        long.TryParse(header, NumberStyles.None, CultureInfo.InvariantCulture, out size) && size % PageContent.PageSize == 0;
}
