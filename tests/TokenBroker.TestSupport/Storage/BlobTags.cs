using System.Xml;
using System.Xml.Linq;

namespace TokenBroker.TestSupport.Storage;

/// <summary>Get and Set Blob Tags, and tags given while a blob is written.</summary>
internal static class BlobTags
{
    private const int MaxTags = 10;

    public static async Task<StorageError?> GetAsync(StorageRequest request)
    {
        if (BlobReads.Begin(request, out var blob, out _) is { } refusal)
            return refusal;
        await request.AnswerXmlAsync(new XElement("Tags", new XElement("TagSet",
            blob!.Tags.Select(tag => new XElement("Tag", new XElement("Key", tag.Key), new XElement("Value", tag.Value))))));
        return null;
    }

    public static async Task<StorageError?> SetAsync(StorageRequest request)
    {
        if (BlobChange.Begin(request, out var container) is { } refusal)
            return refusal;
        if (!TryParse((await RequestBody.ReadAsync(request.Context, request.Record, keep: true))!, out var tags))
            return StorageError.Invalid("InvalidXmlDocument", "XML specified is not syntactically valid.");
        if (tags.Count > MaxTags)
            return StorageError.Invalid("TagsTooLarge", "The tags specified exceed the maximum permissible limit.");
        // Neither a new ETag nor a new time.
        return BlobChange.CommitPresent(request, container!, 204, blob => blob with { Tags = tags });
    }

    /// <summary>The tags in <c>x-ms-tags</c>, written as a query is.</summary>
    public static SortedDictionary<string, string> OfHeader(StorageRequest request) =>
        new(StorageAddress.ParseQuery((request.Header("x-ms-tags") ?? "").Replace('+', ' ')), StringComparer.Ordinal);

    private static bool TryParse(byte[] xml, out SortedDictionary<string, string> tags)
    {
        tags = new SortedDictionary<string, string>(StringComparer.Ordinal);
        try
        {
            foreach (var tag in XDocument.Load(new MemoryStream(xml)).Root!.Element("TagSet")?.Elements("Tag") ?? [])
                if (!tags.TryAdd(tag.Element("Key")?.Value ?? "", tag.Element("Value")?.Value ?? ""))
                    return false;
            return !tags.ContainsKey("");
        }
        catch (XmlException)
        {
            return false;
        }
    }
}
