using System.Globalization;
using System.Text.RegularExpressions;

namespace TokenBroker.TestSupport.Storage;

/// <summary>Finds the blob or snapshot that is to be read, by a request or as the source of a copy.</summary>
internal static partial class BlobLookup
{
    public static StorageError? Find(StorageAccount account, StorageAddress address, out StoredBlob? blob)
    {
        blob = null;
        if (PatternName().Match(address.Blob) is { Success: true } pattern)
        {
            blob = account.Store.Patterns.GetOrAdd(long.Parse(pattern.Groups[1].Value, CultureInfo.InvariantCulture),
                length => new StoredBlob(new PatternContent(length), new Dictionary<string, string>()));
            return null;
        }
        if (account.Store.Find(address.Container) is not { } container)
            return StorageError.NotFound("ContainerNotFound");
        var found = address.Query.TryGetValue("snapshot", out var time)
            ? container.Snapshots.TryGetValue((address.Blob, time), out blob)
            : container.Blobs.TryGetValue(address.Blob, out blob);
        return found ? null : StorageError.NotFound("BlobNotFound");
    }

    [GeneratedRegex(@"^pattern-(\d{1,15})$")]
    private static partial Regex PatternName();
}
