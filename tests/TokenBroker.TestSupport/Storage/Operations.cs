namespace TokenBroker.TestSupport.Storage;

/// <summary>Which operation a request asks for. Each answers itself or returns the error to answer.</summary>
internal static class Operations
{
    public static Task<StorageError?> RunAsync(StorageRequest request)
    {
        if (request.Method == "PUT" && BlobHeaders.Fault(request) is { } fault)
            return Task.FromResult<StorageError?>(fault);
        return request switch
        {
            { Container: "", Method: "GET", Comp: "list" } => Listings.ContainersAsync(request),
            { Container: "", Method: "POST", Comp: "batch" } => Batches.RunAsync(request),
            { Container: "" } => NotImplemented(request),
            { Blob: "", Restype: "container" } => OnContainerAsync(request),
            { Blob: "" } => NotImplemented(request),
            { Method: "PUT" } => PutAsync(request),
            { Method: "GET" or "HEAD", Comp: "" } => BlobReads.GetAsync(request),
            { Method: "GET" or "HEAD", Comp: "metadata" } => BlobProperties.GetMetadataAsync(request),
            { Method: "GET", Comp: "tags" } => BlobTags.GetAsync(request),
            { Method: "GET", Comp: "pagelist" } => PageBlobs.RangesAsync(request),
            { Method: "DELETE", Comp: "" } => BlobDeletes.DeleteAsync(request),
            _ => NotImplemented(request),
        };
    }

    private static Task<StorageError?> PutAsync(StorageRequest request) => request.Comp switch
    {
        _ when request.Header("x-ms-copy-source") is not null => Copies.RunAsync(request),
        "" => BlobWrites.PutBlobAsync(request),
        "block" => BlobWrites.PutBlockAsync(request),
        "blocklist" => BlobWrites.PutBlockListAsync(request),
        "appendblock" => AppendBlobs.AppendAsync(request),
        "page" => PageBlobs.PutPageAsync(request),
        "metadata" => BlobProperties.SetMetadataAsync(request),
        "properties" => BlobProperties.SetPropertiesAsync(request),
        "snapshot" => BlobProperties.SnapshotAsync(request),
        "tier" => BlobProperties.SetTierAsync(request),
        "tags" => BlobTags.SetAsync(request),
        "lease" => Leases.RunAsync(request),
        _ => NotImplemented(request),
    };

    private static Task<StorageError?> OnContainerAsync(StorageRequest request) => request switch
    {
        { Method: "PUT", Comp: "" } => Containers.CreateAsync(request),
        { Method: "PUT", Comp: "metadata" } => Containers.SetMetadataAsync(request),
        { Method: "POST", Comp: "batch" } => Batches.RunAsync(request),
        { Method: "PUT", Comp: "lease" } => Leases.RunAsync(request),
        { Method: "DELETE", Comp: "" } => Containers.DeleteAsync(request),
        { Method: "GET" or "HEAD", Comp: "" or "metadata" } => Containers.PropertiesAsync(request),
        { Method: "GET", Comp: "list" } => Listings.BlobsAsync(request),
        _ => NotImplemented(request),
    };

    private static Task<StorageError?> NotImplemented(StorageRequest request) => Task.FromResult<StorageError?>(
        new StorageError(501, "NotImplemented", $"The strict stub does not implement {request.Method} with comp='{request.Comp}' and restype='{request.Restype}'."));
}
