namespace TokenBroker.TestSupport.Storage;

/// <summary>Create and Delete Container, its properties and metadata.</summary>
internal static class Containers
{
    public static Task<StorageError?> CreateAsync(StorageRequest request)
    {
        var container = new StoredContainer { Metadata = BlobHeaders.MetadataOf(request), IsPublic = request.Header("x-ms-blob-public-access") is not null };
        if (!request.Account.Store.Create(request.Container, container))
            return Error(StorageError.Conflict("ContainerAlreadyExists", "The specified container already exists."));
        return AnswerAsync(request, container, 201);
    }

    public static Task<StorageError?> DeleteAsync(StorageRequest request)
    {
        if (request.Account.Store.Find(request.Container) is not { } container)
            return Error(StorageError.NotFound("ContainerNotFound"));
        lock (container.Changing)
            if (Leases.OnWrite(request, container.Leases.GetValueOrDefault("")) is { } leased)
                return Error(leased);
        request.Account.Store.Delete(request.Container);
        request.AnswerEmpty(202);
        return Error(null);
    }

    public static Task<StorageError?> PropertiesAsync(StorageRequest request)
    {
        if (request.Account.Store.Find(request.Container) is not { } container)
            return Error(StorageError.NotFound("ContainerNotFound"));
        foreach (var (name, value) in container.Metadata)
            request.Answer(name, value);
        lock (container.Changing)
            (container.Leases.GetValueOrDefault("") ?? new Lease()).Write(request);
        return AnswerAsync(request, container, 200);
    }

    public static Task<StorageError?> SetMetadataAsync(StorageRequest request)
    {
        if (request.Account.Store.Find(request.Container) is not { } container)
            return Error(StorageError.NotFound("ContainerNotFound"));
        lock (container.Changing)
            (container.Metadata, container.ETag, container.LastModified) = (BlobHeaders.MetadataOf(request), StoredBlob.NewETag(), TimeProvider.System.GetUtcNow());
        return AnswerAsync(request, container, 200);
    }

    private static Task<StorageError?> AnswerAsync(StorageRequest request, StoredContainer container, int status)
    {
        request.AnswerEmpty(status);
        request.Answer("ETag", container.ETag);
        request.Answer("Last-Modified", BlobHeaders.Date(container.LastModified));
        return Error(null);
    }

    private static Task<StorageError?> Error(StorageError? error) => Task.FromResult(error);
}
