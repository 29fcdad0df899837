namespace TokenBroker.TestSupport.Storage;

/// <summary>What is around every write: the container is there, conditions and lease hold, and the new blob takes the old one's place at once.</summary>
internal static class BlobChange
{
    /// <summary>Said before the body is read, as storage does: the client may still be sending.</summary>
    public static StorageError? Begin(StorageRequest request, out StoredContainer? container)
    {
        container = request.Account.Store.Find(request.Container);
        if (container is null)
            return StorageError.NotFound("ContainerNotFound");
        if (request.Query.ContainsKey("snapshot"))
            return StorageError.Invalid("InvalidQueryParameterValue", "Value for one of the query parameters specified in the request URI is invalid.");
        lock (container.Changing)
            return Refusal(request, container);
    }

    /// <summary>Makes the change if conditions and lease still hold, and answers with the blob's new ETag.</summary>
    public static StorageError? Commit(StorageRequest request, StoredContainer container, int status, Func<StoredBlob?, Outcome> change)
    {
        lock (container.Changing)
        {
            if (Refusal(request, container) is { } refusal)
                return refusal;
            var (blob, error) = change(container.Blobs.GetValueOrDefault(request.Blob));
            if (blob is null)
                return error;
            container.Blobs[request.Blob] = blob;
            BlobHeaders.WriteVersion(request, blob);
        }
        request.AnswerEmpty(status);
        return null;
    }

    /// <summary>The same for a blob that must be there.</summary>
    public static StorageError? CommitPresent(StorageRequest request, StoredContainer container, int status, Func<StoredBlob, Outcome> change) =>
        Commit(request, container, status, present => present is null ? StorageError.NotFound("BlobNotFound") : change(present));

    public static StorageError? TooLarge(StorageRequest request, long most) =>
        request.Context.Request.ContentLength > most
            ? new StorageError(413, "RequestBodyTooLarge", "The request body is too large and exceeds the maximum permissible limit.")
            : null;

    public static StorageError? Refusal(StorageRequest request, StoredContainer container) =>
        Conditions.OnWrite(request, container.Blobs.GetValueOrDefault(request.Blob)) ?? Leases.OnWrite(request, container.Leases.GetValueOrDefault(request.Blob));

    /// <summary>The blob as it is to be, or why not.</summary>
    internal readonly record struct Outcome(StoredBlob? Blob, StorageError? Error)
    {
        public static implicit operator Outcome(StoredBlob blob) => new(blob, null);

        public static implicit operator Outcome(StorageError error) => new(null, error);
    }
}
