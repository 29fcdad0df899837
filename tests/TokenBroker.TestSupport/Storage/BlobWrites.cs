using System.Xml;
using System.Xml.Linq;

namespace TokenBroker.TestSupport.Storage;

/// <summary>Put Blob of a block blob, Put Block, Put Block List.</summary>
internal static class BlobWrites
{
    /// <summary>Put Blob of any type.</summary>
    public static Task<StorageError?> PutBlobAsync(StorageRequest request) => request.Header("x-ms-blob-type") switch
    {
        "BlockBlob" => PutBlockBlobAsync(request),
        "AppendBlob" => AppendBlobs.CreateAsync(request),
        "PageBlob" => PageBlobs.CreateAsync(request),
        null => Task.FromResult<StorageError?>(StorageError.MissingHeader),
        _ => Task.FromResult<StorageError?>(StorageError.InvalidHeader),
    };

    public static async Task<StorageError?> PutBlockAsync(StorageRequest request)
    {
        if (BeginBlock(request, out var container) is { } refusal)
            return refusal;
        if (BlobChange.TooLarge(request, request.Version.MaxPutBlock) is { } tooLarge)
            return tooLarge;
        KeepBlock(request, container!, await RequestBody.ContentAsync(request));
        return null;
    }

    /// <summary>Whether a block may be put under this name.</summary>
    public static StorageError? BeginBlock(StorageRequest request, out StoredContainer? container)
    {
        if (BlobChange.Begin(request, out container) is { } refusal)
            return refusal;
        var id = request.Query.GetValueOrDefault("blockid", "");
        // Facts C6: at most 64 bytes before base64, and all of a blob of the same length.
        if (!IsBlockId(id))
            return StorageError.Invalid("InvalidQueryParameterValue", "Value for one of the query parameters specified in the request URI is invalid.");
        return container!.Blocks.Keys.Any(key => key.Blob == request.Blob && key.Id.Length != id.Length)
            ? StorageError.Invalid("InvalidBlobOrBlock", "The specified blob or block content is invalid.")
            : null;
    }

    public static void KeepBlock(StorageRequest request, StoredContainer container, BlobContent content)
    {
        container.Blocks[(request.Blob, request.Query["blockid"])] = content;
        request.AnswerEmpty(201);
        request.Answer("x-ms-request-server-encrypted", "true");
    }

    public static async Task<StorageError?> PutBlockListAsync(StorageRequest request)
    {
        if (BlobChange.Begin(request, out var container) is { } refusal)
            return refusal;
        var list = await RequestBody.ReadAsync(request.Context, request.Record, keep: true);
        List<string> ids;
        try
        {
            ids = [.. XDocument.Load(new MemoryStream(list!)).Root!.Elements().Select(element => element.Value)];
        }
        catch (XmlException)
        {
            return StorageError.Invalid("InvalidXmlDocument", "XML specified is not syntactically valid.");
        }
        var (headers, tags) = (BlobHeaders.Of(request, takesContentType: false), BlobTags.OfHeader(request));
        return BlobChange.Commit(request, container!, 201, present =>
        {
            var blocks = new List<BlobContent>();
            foreach (var id in ids)
            {
                if (!container!.Blocks.TryGetValue((request.Blob, id), out var block))
                    return StorageError.Invalid("InvalidBlockList", "The specified block list is invalid.");
                blocks.Add(block);
            }
            DropBlocks(request, container!);
            request.Answer("x-ms-request-server-encrypted", "true");
            return new StoredBlob(JoinedContent.Of(blocks), headers) { Tags = tags };
        });
    }

    private static async Task<StorageError?> PutBlockBlobAsync(StorageRequest request)
    {
        if (BlobChange.Begin(request, out var container) is { } refusal)
            return refusal;
        if (BlobChange.TooLarge(request, request.Version.MaxPutBlob) is { } tooLarge)
            return tooLarge;
        var blob = new StoredBlob(await RequestBody.ContentAsync(request), BlobHeaders.Of(request, takesContentType: true))
        {
            Tags = BlobTags.OfHeader(request),
            Tier = request.Header("x-ms-access-tier"),
        };
        return BlobChange.Commit(request, container!, 201, _ =>
        {
            DropBlocks(request, container!);
            request.Answer("x-ms-request-server-encrypted", "true");
            return blob;
        });
    }

    public static void DropBlocks(StorageRequest request, StoredContainer container)
    {
        foreach (var key in container.Blocks.Keys.Where(key => key.Blob == request.Blob))
            container.Blocks.TryRemove(key, out _);
    }

    private static bool IsBlockId(string id) =>
        id.Length > 0 && Convert.TryFromBase64String(id, new byte[64], out _);
}
