namespace TokenBroker.TestSupport.Storage;

/// <summary>Which operation a request asks for. Each answers itself or returns the error to answer.</summary>
internal static class Operations
{
    public static Task<StorageError?> RunAsync(StorageRequest request) => request switch
    {
        { Container: "", Method: "GET", Comp: "list" } => Listings.ContainersAsync(request),
        { Container: "" } => NotImplemented(request),
        { Blob: "", Restype: "container" } => OnContainerAsync(request),
        { Blob: "" } => NotImplemented(request),
        { Method: "GET" or "HEAD", Comp: "" } => BlobReads.GetAsync(request),
        { Method: "PUT", Comp: "" } when request.Header("x-ms-copy-source") is null => BlobWrites.PutBlobAsync(request),
        { Method: "PUT", Comp: "block" } when request.Header("x-ms-copy-source") is null => BlobWrites.PutBlockAsync(request),
        { Method: "PUT", Comp: "blocklist" } => BlobWrites.PutBlockListAsync(request),
        { Method: "DELETE", Comp: "" } => BlobWrites.DeleteAsync(request),
        _ => NotImplemented(request),
    };

    private static Task<StorageError?> OnContainerAsync(StorageRequest request) => request switch
    {
        { Method: "PUT", Comp: "" } => Containers.CreateAsync(request),
        { Method: "DELETE", Comp: "" } => Containers.DeleteAsync(request),
        { Method: "GET" or "HEAD", Comp: "" } => Containers.PropertiesAsync(request),
        { Method: "GET", Comp: "list" } => Listings.BlobsAsync(request),
        _ => NotImplemented(request),
    };

    private static Task<StorageError?> NotImplemented(StorageRequest request) => Task.FromResult<StorageError?>(
        new StorageError(501, "NotImplemented", $"The strict stub does not implement {request.Method} with comp='{request.Comp}' and restype='{request.Restype}'."));
}
