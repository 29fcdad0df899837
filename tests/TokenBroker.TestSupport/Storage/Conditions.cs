using System.Globalization;

namespace TokenBroker.TestSupport.Storage;

/// <summary>If-Match, If-None-Match and the two times, which the SDKs use to write only what is new and to resume a download of the same blob.</summary>
internal static class Conditions
{
    public static StorageError? OnWrite(StorageRequest request, StoredBlob? present)
    {
        if (request.Header("If-None-Match") == "*" && present is not null && request is { Comp: "" or "blocklist" })
            return StorageError.Conflict("BlobAlreadyExists", "The specified blob already exists.");
        return Fails(request, "", present) is null ? null : NotMet(412);
    }

    public static StorageError? OnRead(StorageRequest request, StoredBlob present) => Fails(request, "", present) switch
    {
        null => null,
        // The client has it already.
        "If-None-Match" or "If-Modified-Since" when request.Method is "GET" or "HEAD" => NotMet(304),
        _ => NotMet(412),
    };

    /// <summary>The <c>x-ms-source-if-…</c> headers of a copy.</summary>
    public static StorageError? OnSource(StorageRequest request, StoredBlob source) =>
        Fails(request, "x-ms-source-", source) is null ? null : new StorageError(412, "SourceConditionNotMet", "The source condition specified using HTTP conditional header(s) is not met.");

    // Names the condition that fails.
    private static string? Fails(StorageRequest request, string prefix, StoredBlob? present)
    {
        if (request.Header(prefix + "If-Match") is { } wanted && (present is null || (wanted != "*" && wanted != present.ETag)))
            return "If-Match";
        if (present is null)
            return null;
        // Dates have whole seconds.
        var modified = DateTimeOffset.FromUnixTimeSeconds(present.LastModified.ToUnixTimeSeconds());
        if (Time(request, prefix + "If-Unmodified-Since") is { } unmodified && modified > unmodified)
            return "If-Unmodified-Since";
        if (request.Header(prefix + "If-None-Match") is { } known && (known == "*" || known == present.ETag))
            return "If-None-Match";
        return Time(request, prefix + "If-Modified-Since") is { } since && modified <= since ? "If-Modified-Since" : null;
    }

    private static DateTimeOffset? Time(StorageRequest request, string header) =>
        DateTimeOffset.TryParseExact(request.Header(header), "R", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    private static StorageError NotMet(int status) => new(status, "ConditionNotMet", "The condition specified using HTTP conditional header(s) is not met.");
}
