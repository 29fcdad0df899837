using System.Globalization;

namespace TokenBroker.TestSupport.Storage;

/// <summary>Append blobs: created empty, and grown a block at a time.</summary>
internal static class AppendBlobs
{
    public static Task<StorageError?> CreateAsync(StorageRequest request)
    {
        if (request.Context.Request.ContentLength != 0)
            return Task.FromResult<StorageError?>(StorageError.InvalidHeader);
        return Task.FromResult(BlobChange.Begin(request, out var container) ?? BlobChange.Commit(request, container!, 201, _ =>
            new StoredBlob(BlobContent.Empty, BlobHeaders.Of(request, takesContentType: true)) { Type = BlobType.AppendBlob, Tags = BlobTags.OfHeader(request) }));
    }

    public static async Task<StorageError?> AppendAsync(StorageRequest request)
    {
        if (BlobChange.Begin(request, out var container) is { } refusal)
            return refusal;
        if (BlobChange.TooLarge(request, request.Version.MaxAppendBlock) is { } tooLarge)
            return tooLarge;
        if (request.Context.Request.ContentLength == 0)
            return StorageError.InvalidHeader;
        return Append(request, container!, await RequestBody.ContentAsync(request));
    }

    public static StorageError? Append(StorageRequest request, StoredContainer container, BlobContent block)
    {
        if (!TryNumber(request, "x-ms-blob-condition-appendpos", out var position) || !TryNumber(request, "x-ms-blob-condition-maxsize", out var most))
            return StorageError.InvalidHeader;
        return BlobChange.CommitPresent(request, container, 201, blob =>
        {
            if (blob.Type != BlobType.AppendBlob)
                return StorageError.WrongBlobType;
            if (position is not null && position != blob.Length)
                return new StorageError(412, "AppendPositionConditionNotMet", "The append position condition specified was not met.");
            if (most is not null && blob.Length + block.Length > most)
                return new StorageError(412, "MaxBlobSizeConditionNotMet", "The max blob size condition specified was not met.");
            request.Answer("x-ms-blob-append-offset", blob.Length.ToString(CultureInfo.InvariantCulture));
            request.Answer("x-ms-blob-committed-block-count", (blob.AppendedBlocks + 1).ToString(CultureInfo.InvariantCulture));
            request.Answer("x-ms-request-server-encrypted", "true");
            return blob.Changed() with { Content = JoinedContent.Of(blob.Content, block), AppendedBlocks = blob.AppendedBlocks + 1 };
        });
    }

    // True with null if the header is absent.
    private static bool TryNumber(StorageRequest request, string header, out long? number)
    {
        var isNumber = long.TryParse(request.Header(header), NumberStyles.None, CultureInfo.InvariantCulture, out var value);
        number = isNumber ? value : null;
        return isNumber || request.Header(header) is null;
    }
}
