namespace TokenBroker.TestSupport.Storage;

/// <summary>Copy Blob, at once or asynchronously, and Put Blob From URL: they make a whole blob. The others take a range of the source.</summary>
internal static class Copies
{
    public static Task<StorageError?> RunAsync(StorageRequest request) => Task.FromResult(request.Comp switch
    {
        "" when request.Header("x-ms-blob-type") is { } type => type == "BlockBlob" ? PutFromUrl(request) : StorageError.InvalidHeader,
        // Python writes it with a capital letter, and storage takes that.
        "" when request.Header("x-ms-requires-sync") is { } sync => sync.Equals("true", StringComparison.OrdinalIgnoreCase) ? Copy(request, isSync: true) : StorageError.InvalidHeader,
        "" => Copy(request, isSync: false),
        "block" or "appendblock" or "page" => RangeCopies.Run(request),
        _ => StorageError.Invalid("UnsupportedHeader", "One of the HTTP headers specified in the request is not supported."),
    });

    private static StorageError? PutFromUrl(StorageRequest request)
    {
        StoredBlob? source = null;
        if ((BlobChange.Begin(request, out var container) ?? CopySources.FindForSync(request, out source)) is { } refusal)
            return refusal;
        // Properties are the source's unless told otherwise; metadata is never.
        var given = BlobHeaders.Of(request, takesContentType: false);
        var copied = request.Header("x-ms-copy-source-blob-properties") == "false" ? [] : source!.Headers.Where(header => !BlobHeaders.IsMetadata(header.Key) && !given.ContainsKey(header.Key));
        var blob = new StoredBlob(source!.Content, BlobHeaders.Union(copied, given)) { Tags = BlobTags.OfHeader(request), Tier = request.Header("x-ms-access-tier") };
        return BlobChange.Commit(request, container!, 201, _ =>
        {
            BlobWrites.DropBlocks(request, container!);
            request.Answer("x-ms-request-server-encrypted", "true");
            return blob;
        });
    }

    private static StorageError? Copy(StorageRequest request, bool isSync)
    {
        StoredBlob? source = null;
        var refusal = BlobChange.Begin(request, out var container) ?? (isSync ? CopySources.FindForSync(request, out source) : CopySources.FindForAsync(request, out source));
        if (refusal is not null)
            return refusal;
        // Metadata that is given replaces all of the source's.
        var metadata = BlobHeaders.MetadataOf(request);
        var headers = metadata.Count == 0 ? source!.Headers : BlobHeaders.Union(source!.Headers.Where(header => !BlobHeaders.IsMetadata(header.Key)), metadata);
        var copy = new CopyRecord(Guid.NewGuid().ToString(), request.Header("x-ms-copy-source")!, request.Time.GetUtcNow());
        var blob = new StoredBlob(source.Content, headers)
        {
            Type = source.Type,
            AppendedBlocks = source.AppendedBlocks,
            SequenceNumber = source.SequenceNumber,
            Tags = BlobTags.OfHeader(request),
            Tier = request.Header("x-ms-access-tier"),
            Copy = copy,
        };
        return BlobChange.Commit(request, container!, 202, _ =>
        {
            BlobWrites.DropBlocks(request, container!);
            request.Answer("x-ms-copy-id", copy.Id);
            request.Answer("x-ms-copy-status", "success");
            return blob;
        });
    }
}
