using System.Globalization;

namespace TokenBroker.TestSupport.Storage;

/// <summary>Metadata, properties, tier and snapshots: all that changes or shows a blob but for its content.</summary>
internal static class BlobProperties
{
    private static readonly string[] Tiers = ["Hot", "Cool", "Cold", "Archive"];

    private static long _lastSnapshot;

    public static Task<StorageError?> GetMetadataAsync(StorageRequest request)
    {
        if (BlobReads.Begin(request, out var blob, out _) is { } refusal)
            return Task.FromResult<StorageError?>(refusal);
        foreach (var (name, value) in blob!.Headers.Where(header => BlobHeaders.IsMetadata(header.Key)))
            request.Answer(name, value);
        BlobHeaders.WriteVersion(request, blob);
        request.AnswerEmpty(200);
        return Task.FromResult<StorageError?>(null);
    }

    // Replaces all of it.
    public static Task<StorageError?> SetMetadataAsync(StorageRequest request) => ChangeAsync(request, 200, blob => blob.Changed() with
    {
        Headers = BlobHeaders.Union(blob.Headers.Where(header => !BlobHeaders.IsMetadata(header.Key)), BlobHeaders.MetadataOf(request)),
    });

    // Replaces all of them: what is not named is gone.
    public static Task<StorageError?> SetPropertiesAsync(StorageRequest request) => ChangeAsync(request, 200, blob =>
    {
        var changed = blob.Changed() with
        {
            Headers = BlobHeaders.Union(blob.Headers.Where(header => BlobHeaders.IsMetadata(header.Key)), BlobHeaders.PropertiesOf(request)),
        };
        return request.Header("x-ms-blob-content-length") is { } length ? PageBlobs.Resize(changed, length) : changed;
    });

    public static Task<StorageError?> SetTierAsync(StorageRequest request)
    {
        if (request.Header("x-ms-access-tier") is not { } tier)
            return Task.FromResult<StorageError?>(StorageError.MissingHeader);
        if (!Tiers.Contains(tier))
            return Task.FromResult<StorageError?>(StorageError.InvalidHeader);
        // Neither a new ETag nor a new time.
        return ChangeAsync(request, 200, blob => blob with { Tier = tier });
    }

    public static Task<StorageError?> SnapshotAsync(StorageRequest request)
    {
        var time = SnapshotTime(request.Time.GetUtcNow());
        return ChangeAsync(request, 201, blob =>
        {
            var metadata = BlobHeaders.MetadataOf(request);
            var container = request.Account.Store.Find(request.Container)!;
            container.Snapshots[(request.Blob, time)] = metadata.Count == 0 ? blob : blob with
            {
                Headers = BlobHeaders.Union(blob.Headers.Where(header => !BlobHeaders.IsMetadata(header.Key)), metadata),
            };
            request.Answer("x-ms-snapshot", time);
            return blob;
        });
    }

    private static Task<StorageError?> ChangeAsync(StorageRequest request, int status, Func<StoredBlob, BlobChange.Outcome> change) =>
        Task.FromResult(BlobChange.Begin(request, out var container) ?? BlobChange.CommitPresent(request, container!, status, change));

    // No two alike: the time is the name.
    private static string SnapshotTime(DateTimeOffset now)
    {
        long last, next;
        do
        {
            last = Interlocked.Read(ref _lastSnapshot);
            next = Math.Max(last + 1, now.UtcTicks);
        }
        while (Interlocked.CompareExchange(ref _lastSnapshot, next, last) != last);
        return new DateTime(next, DateTimeKind.Utc).ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture);
    }
}
