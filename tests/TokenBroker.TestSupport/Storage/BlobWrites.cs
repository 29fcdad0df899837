using System.Globalization;
using System.Xml.Linq;

namespace TokenBroker.TestSupport.Storage;

/// <summary>Put Blob, Put Block, Put Block List and Delete Blob. Only block blobs.</summary>
internal static class BlobWrites
{
    private static readonly string[] Properties = ["Content-Type", "Content-Encoding", "Content-Language", "Content-Disposition", "Cache-Control"];

    public static async Task<StorageError?> PutBlobAsync(StorageRequest request)
    {
        if (request.Header("x-ms-blob-type") is not { } type)
            return StorageError.Invalid("MissingRequiredHeader", "An HTTP header that's mandatory for this request is not specified.");
        if (type != "BlockBlob")
            return new StorageError(501, "NotImplemented", "The strict stub knows block blobs only.");
        if (Missing(request, out var container) is { } missing)
            return missing;
        if (TooLarge(request, request.Version.MaxPutBlob) is { } tooLarge)
            return tooLarge;
        if (Conditions.OnWrite(request, container!.Blobs.GetValueOrDefault(request.Blob)) is { } condition)
            return condition;

        var blob = new StoredBlob(await ReadAsync(request), HeadersOf(request, "Content-Type"));
        container.Blobs[request.Blob] = blob;
        return Created(request, blob);
    }

    public static async Task<StorageError?> PutBlockAsync(StorageRequest request)
    {
        if (Missing(request, out var container) is { } missing)
            return missing;
        if (TooLarge(request, request.Version.MaxPutBlock) is { } tooLarge)
            return tooLarge;
        var id = request.Query.GetValueOrDefault("blockid", "");
        // Facts C6: at most 64 bytes before base64, and all of a blob of the same length.
        if (!IsBlockId(id))
            return StorageError.Invalid("InvalidQueryParameterValue", "Value for one of the query parameters specified in the request URI is invalid.");
        if (container!.Blocks.Keys.Any(key => key.Blob == request.Blob && key.Id.Length != id.Length))
            return StorageError.Invalid("InvalidBlobOrBlock", "The specified blob or block content is invalid.");

        container.Blocks[(request.Blob, id)] = await ReadAsync(request);
        request.Context.Response.StatusCode = 201;
        request.Context.Response.ContentLength = 0;
        request.Answer("x-ms-request-server-encrypted", "true");
        return null;
    }

    public static async Task<StorageError?> PutBlockListAsync(StorageRequest request)
    {
        if (Missing(request, out var container) is { } missing)
            return missing;
        if (Conditions.OnWrite(request, container!.Blobs.GetValueOrDefault(request.Blob)) is { } condition)
            return condition;

        var list = await RequestBody.ReadAsync(request.Context, request.Record, keep: true);
        var blocks = new List<BlobContent>();
        foreach (var id in XDocument.Load(new MemoryStream(list!)).Root!.Elements().Select(element => element.Value))
        {
            if (!container.Blocks.TryGetValue((request.Blob, id), out var block))
                return StorageError.Invalid("InvalidBlockList", "The specified block list is invalid.");
            blocks.Add(block);
        }
        var blob = new StoredBlob(Join(blocks), HeadersOf(request, fallbackContentType: null));
        container.Blobs[request.Blob] = blob;
        foreach (var key in container.Blocks.Keys.Where(key => key.Blob == request.Blob))
            container.Blocks.TryRemove(key, out _);
        return Created(request, blob);
    }

    public static Task<StorageError?> DeleteAsync(StorageRequest request)
    {
        if (Missing(request, out var container) is { } missing)
            return Task.FromResult<StorageError?>(missing);
        if (!container!.Blobs.TryRemove(request.Blob, out _))
            return Task.FromResult<StorageError?>(StorageError.NotFound("BlobNotFound"));
        request.Context.Response.StatusCode = 202;
        request.Context.Response.ContentLength = 0;
        request.Answer("x-ms-delete-type-permanent", "true");
        return Task.FromResult<StorageError?>(null);
    }

    private static StorageError? Missing(StorageRequest request, out StoredContainer? container) =>
        (container = request.Account.Store.Find(request.Container)) is null ? StorageError.NotFound("ContainerNotFound") : null;

    // Said before the body is read, as storage does: the client may still be sending.
    private static StorageError? TooLarge(StorageRequest request, long most) =>
        request.Context.Request.ContentLength > most
            ? new StorageError(413, "RequestBodyTooLarge", "The request body is too large and exceeds the maximum permissible limit.")
            : null;

    private static async Task<BlobContent> ReadAsync(StorageRequest request)
    {
        var bytes = await RequestBody.ReadAsync(request.Context, request.Record, request.Account.KeepsContent);
        return bytes is null ? new DroppedContent(request.Record.BodyLength) : new KeptContent([bytes]);
    }

    private static BlobContent Join(List<BlobContent> blocks) =>
        blocks.All(block => block is KeptContent)
            ? new KeptContent([.. blocks.Cast<KeptContent>().SelectMany(block => block.Pieces)])
            : new DroppedContent(blocks.Sum(block => block.Length));

    private static bool IsBlockId(string id) =>
        id.Length > 0 && Convert.TryFromBase64String(id, new byte[64], out _);

    // x-ms-blob-content-type and its kin win over Content-Type, which on Put Block List is that of the XML.
    private static Dictionary<string, string> HeadersOf(StorageRequest request, string? fallbackContentType)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var property in Properties)
            if (request.Header($"x-ms-blob-{property}") is { } value)
                headers[property] = value;
        if (fallbackContentType is not null && request.Header(fallbackContentType) is { } contentType)
            headers.TryAdd("Content-Type", contentType);
        foreach (var (name, value) in request.Context.Request.Headers)
            if (name.StartsWith("x-ms-meta-", StringComparison.OrdinalIgnoreCase))
                headers[name] = value.ToString();
        return headers;
    }

    private static StorageError? Created(StorageRequest request, StoredBlob blob)
    {
        request.Context.Response.StatusCode = 201;
        request.Context.Response.ContentLength = 0;
        request.Answer("ETag", blob.ETag);
        request.Answer("Last-Modified", blob.LastModified.ToString("R", CultureInfo.InvariantCulture));
        request.Answer("x-ms-request-server-encrypted", "true");
        return null;
    }
}
