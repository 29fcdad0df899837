namespace TokenBroker.TestSupport.Storage;

/// <summary>Delete Blob, with or without its snapshots, and of one snapshot.</summary>
internal static class BlobDeletes
{
    public static Task<StorageError?> DeleteAsync(StorageRequest request) => Task.FromResult(Delete(request));

    private static StorageError? Delete(StorageRequest request)
    {
        if (request.Account.Store.Find(request.Container) is not { } container)
            return StorageError.NotFound("ContainerNotFound");
        lock (container.Changing)
        {
            if (request.Query.TryGetValue("snapshot", out var time))
                return container.Snapshots.TryRemove((request.Blob, time), out _) ? Deleted(request) : StorageError.NotFound("BlobNotFound");
            if (!container.Blobs.ContainsKey(request.Blob))
                return StorageError.NotFound("BlobNotFound");
            if (BlobChange.Refusal(request, container) is { } refusal)
                return refusal;
            var snapshots = container.Snapshots.Keys.Where(key => key.Blob == request.Blob).ToList();
            var mode = request.Header("x-ms-delete-snapshots");
            if (mode is not (null or "include" or "only"))
                return StorageError.InvalidHeader;
            if (mode is null && snapshots.Count > 0)
                return StorageError.Conflict("SnapshotsPresent", "This operation is not permitted while the blob has snapshots.");
            foreach (var key in snapshots)
                container.Snapshots.TryRemove(key, out _);
            if (mode != "only")
            {
                container.Blobs.TryRemove(request.Blob, out _);
                container.Leases.TryRemove(request.Blob, out _);
            }
        }
        return Deleted(request);
    }

    private static StorageError? Deleted(StorageRequest request)
    {
        request.AnswerEmpty(202);
        request.Answer("x-ms-delete-type-permanent", "true");
        return null;
    }
}
