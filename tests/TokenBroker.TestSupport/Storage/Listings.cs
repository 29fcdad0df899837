using System.Globalization;
using System.Xml.Linq;

namespace TokenBroker.TestSupport.Storage;

/// <summary>List Containers and List Blobs: prefix and delimiter, always in one page.</summary>
internal static class Listings
{
    public static Task<StorageError?> ContainersAsync(StorageRequest request)
    {
        var prefix = request.Query.GetValueOrDefault("prefix", "");
        var containers = request.Account.Store.Names.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Select(name =>
        {
            var container = request.Account.Store.Find(name);
            return new XElement("Container", new XElement("Name", name), new XElement("Properties",
                new XElement("Last-Modified", Date(container?.LastModified ?? default)), new XElement("Etag", container?.ETag)));
        });
        return WriteAsync(request, new XElement("EnumerationResults", Endpoint(request),
            new XElement("Prefix", prefix), new XElement("Containers", containers), new XElement("NextMarker")));
    }

    public static Task<StorageError?> BlobsAsync(StorageRequest request)
    {
        if (request.Account.Store.Find(request.Container) is not { } container)
            return Task.FromResult<StorageError?>(StorageError.NotFound("ContainerNotFound"));
        var prefix = request.Query.GetValueOrDefault("prefix", "");
        var delimiter = request.Query.GetValueOrDefault("delimiter", "");
        var blobs = new List<XElement>();
        var folders = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, blob) in container.Blobs.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal)).OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            var end = delimiter.Length == 0 ? -1 : name.IndexOf(delimiter, prefix.Length, StringComparison.Ordinal);
            if (end < 0)
                blobs.Add(Entry(name, blob));
            else if (folders.Add(name[..(end + delimiter.Length)]))
                blobs.Add(new XElement("BlobPrefix", new XElement("Name", name[..(end + delimiter.Length)])));
        }
        return WriteAsync(request, new XElement("EnumerationResults", Endpoint(request), new XAttribute("ContainerName", request.Container),
            new XElement("Prefix", prefix), new XElement("Blobs", blobs), new XElement("NextMarker")));
    }

    private static XElement Entry(string name, StoredBlob blob) => new("Blob",
        new XElement("Name", name),
        new XElement("Properties",
            new XElement("Creation-Time", Date(blob.Created)),
            new XElement("Last-Modified", Date(blob.LastModified)),
            new XElement("Etag", blob.ETag.Trim('"')),
            new XElement("Content-Length", blob.Length),
            new XElement("Content-Type", blob.Headers.GetValueOrDefault("Content-Type", "application/octet-stream")),
            new XElement("BlobType", blob.Type),
            blob.Tier is null ? null : new XElement("AccessTier", blob.Tier)));

    private static XAttribute Endpoint(StorageRequest request) => new("ServiceEndpoint", $"https://{request.Account.Name}.blob.core.windows.net/");

    private static string Date(DateTimeOffset time) => time.ToString("R", CultureInfo.InvariantCulture);

    private static async Task<StorageError?> WriteAsync(StorageRequest request, XElement root)
    {
        await request.AnswerXmlAsync(root);
        return null;
    }
}
