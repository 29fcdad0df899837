using System.Globalization;
using System.Text.RegularExpressions;

namespace TokenBroker.TestSupport.Storage;

/// <summary>The headers that a blob keeps, content properties and metadata, and those that tell what it is.</summary>
internal static partial class BlobHeaders
{
    private const string Metadata = "x-ms-meta-";

    private static readonly string[] Properties = ["Content-Type", "Content-Encoding", "Content-Language", "Content-Disposition", "Cache-Control"];

    /// <summary>Null if every metadata name is one that storage takes: an identifier.</summary>
    public static StorageError? Fault(StorageRequest request)
    {
        foreach (var name in MetadataOf(request).Keys.Select(name => name[Metadata.Length..]))
        {
            if (name.Length == 0)
                return StorageError.Invalid("EmptyMetadataKey", "The key for one of the metadata key-value pairs is empty.");
            if (!Identifier().IsMatch(name))
                return StorageError.Invalid("InvalidMetadata", "The metadata specified is invalid. It has characters that are not permitted.");
        }
        return null;
    }

    // x-ms-blob-content-type and its kin win over Content-Type, which on Put Block List is that of the XML.
    public static Dictionary<string, string> Of(StorageRequest request, bool takesContentType)
    {
        var headers = PropertiesOf(request);
        if (takesContentType && request.Header("Content-Type") is { } contentType)
            headers.TryAdd("Content-Type", contentType);
        return Union(headers, MetadataOf(request));
    }

    public static Dictionary<string, string> PropertiesOf(StorageRequest request)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var property in Properties)
            if (request.Header($"x-ms-blob-{property}") is { } value)
                headers[property] = value;
        return headers;
    }

    public static Dictionary<string, string> MetadataOf(StorageRequest request)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in request.Context.Request.Headers)
            if (IsMetadata(name))
                headers[name] = value.ToString();
        return headers;
    }

    public static bool IsMetadata(string header) => header.StartsWith(Metadata, StringComparison.OrdinalIgnoreCase);

    public static Dictionary<string, string> Union(params IEnumerable<IEnumerable<KeyValuePair<string, string>>> headers) =>
        new(headers.SelectMany(some => some), StringComparer.OrdinalIgnoreCase);

    /// <summary>Answers what Get Blob and Get Blob Properties say of a blob, but for its length.</summary>
    public static void Write(StorageRequest request, StoredBlob blob, Lease? lease)
    {
        request.Answer("Content-Type", "application/octet-stream");
        foreach (var (name, value) in blob.Headers)
            request.Answer(name, value);
        WriteVersion(request, blob);
        request.Answer("Accept-Ranges", "bytes");
        request.Answer("x-ms-blob-type", blob.Type.ToString());
        request.Answer("x-ms-creation-time", Date(blob.Created));
        request.Answer("x-ms-server-encrypted", "true");
        if (blob.Tier is { } tier)
            request.Answer("x-ms-access-tier", tier);
        if (blob.Tags.Count > 0)
            request.Answer("x-ms-tag-count", blob.Tags.Count.ToString(CultureInfo.InvariantCulture));
        if (blob.Type == BlobType.AppendBlob)
            request.Answer("x-ms-blob-committed-block-count", blob.AppendedBlocks.ToString(CultureInfo.InvariantCulture));
        if (blob.Type == BlobType.PageBlob)
            request.Answer("x-ms-blob-sequence-number", blob.SequenceNumber.ToString(CultureInfo.InvariantCulture));
        if (blob.Copy is { } copy)
            WriteCopy(request, blob, copy);
        (lease ?? new Lease()).Write(request);
    }

    public static void WriteVersion(StorageRequest request, StoredBlob blob)
    {
        request.Answer("ETag", blob.ETag);
        request.Answer("Last-Modified", Date(blob.LastModified));
    }

    public static string Date(DateTimeOffset time) => time.ToString("R", CultureInfo.InvariantCulture);

    private static void WriteCopy(StorageRequest request, StoredBlob blob, CopyRecord copy)
    {
        request.Answer("x-ms-copy-id", copy.Id);
        request.Answer("x-ms-copy-source", copy.Source);
        request.Answer("x-ms-copy-status", "success");
        request.Answer("x-ms-copy-progress", $"{blob.Length}/{blob.Length}");
        request.Answer("x-ms-copy-completion-time", Date(copy.Completed));
    }

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]*\z")]
    private static partial Regex Identifier();
}
