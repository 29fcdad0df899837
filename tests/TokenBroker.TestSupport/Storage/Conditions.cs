namespace TokenBroker.TestSupport.Storage;

/// <summary>If-Match and If-None-Match, which the SDKs use to write only what is new and to resume a download of the same blob.</summary>
internal static class Conditions
{
    public static StorageError? OnWrite(StorageRequest request, StoredBlob? present)
    {
        if (request.Header("If-None-Match") == "*" && present is not null)
            return StorageError.Conflict("BlobAlreadyExists", "The specified blob already exists.");
        if (request.Header("If-Match") is { } wanted && wanted != "*" && wanted != present?.ETag)
            return NotMet(412);
        return null;
    }

    public static StorageError? OnRead(StorageRequest request, StoredBlob present)
    {
        if (request.Header("If-Match") is { } wanted && wanted != "*" && wanted != present.ETag)
            return NotMet(412);
        return request.Header("If-None-Match") is { } known && (known == "*" || known == present.ETag) ? NotMet(304) : null;
    }

    private static StorageError NotMet(int status) => new(status, "ConditionNotMet", "The condition specified using HTTP conditional header(s) is not met.");
}
