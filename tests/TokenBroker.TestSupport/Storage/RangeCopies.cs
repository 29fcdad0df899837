namespace TokenBroker.TestSupport.Storage;

/// <summary>Put Block, Append Block and Put Page From URL: what they write comes from a range of another blob.</summary>
internal static class RangeCopies
{
    public static StorageError? Run(StorageRequest request) => request.Comp switch
    {
        "block" => PutBlock(request),
        "appendblock" => AppendBlock(request),
        _ => PutPage(request),
    };

    private static StorageError? PutBlock(StorageRequest request)
    {
        BlobContent? content = null;
        if ((BlobWrites.BeginBlock(request, out var container) ?? Take(request, request.Version.MaxPutBlock, out content)) is { } refusal)
            return refusal;
        BlobWrites.KeepBlock(request, container!, content!);
        return null;
    }

    private static StorageError? AppendBlock(StorageRequest request)
    {
        BlobContent? content = null;
        return BlobChange.Begin(request, out var container) ?? Take(request, request.Version.MaxAppendBlock, out content) ?? AppendBlobs.Append(request, container!, content!);
    }

    private static StorageError? PutPage(StorageRequest request)
    {
        if (BlobChange.Begin(request, out var container) is { } refusal)
            return refusal;
        if (request.Header("x-ms-page-write") != "update" || request.Header("x-ms-source-range") is null)
            return StorageError.MissingHeader;
        if (!PageBlobs.TryPages(request, out var offset, out var count))
            return StorageError.InvalidPageRange;
        if (Take(request, 4 * 1024 * 1024, out var content) is { } unreadable)
            return unreadable;
        return content!.Length == count
            ? PageBlobs.Write(request, container!, offset, count, pages => pages.With(offset, content))
            : StorageError.InvalidHeader;
    }

    // x-ms-source-range, or all of it.
    private static StorageError? Take(StorageRequest request, long most, out BlobContent? content)
    {
        content = null;
        if (CopySources.FindForSync(request, out var source) is { } refusal)
            return refusal;
        var (first, last) = (0L, (long?)null);
        if (request.Header("x-ms-source-range") is { } range && !BlobReads.TryParse(range, out first, out last))
            return StorageError.InvalidHeader;
        var count = Math.Min(last ?? source!.Length - 1, source!.Length - 1) - first + 1;
        if (count <= 0)
            return new StorageError(416, "InvalidRange", "The range specified is invalid for the current size of the resource.");
        if (count > most)
            return new StorageError(413, "RequestBodyTooLarge", "The request body is too large and exceeds the maximum permissible limit.");
        content = source.Content.Slice(first, count);
        return null;
    }
}
