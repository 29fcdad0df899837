using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace TokenBroker.TestSupport.Storage;

/// <summary>Get Blob, whole or by range, and Get Blob Properties.</summary>
internal static partial class BlobReads
{
    public static async Task<StorageError?> GetAsync(StorageRequest request)
    {
        if (Find(request, out var blob) is { } missing)
            return missing;
        if (Conditions.OnRead(request, blob!) is { } condition)
            return condition;
        if (!TryRange(request, blob!.Length, out var ranged, out var offset, out var count))
            return new StorageError(416, "InvalidRange", "The range specified is invalid for the current size of the resource.");

        var response = request.Context.Response;
        WriteProperties(request, blob);
        response.ContentLength = count;
        if (request.Method == "HEAD")
            return null;
        // Also where the range covers the whole blob: Python's SDK asks so, and fails without Content-Range.
        if (ranged)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            request.Answer("Content-Range", $"bytes {offset}-{offset + count - 1}/{blob.Length}");
        }
        if (blob.Content is DroppedContent)
            return StorageError.Conflict("ContentNotKept", "The stub hashed this blob and let it go: KeepsContent is off.");
        await blob.Content.WriteAsync(response.Body, offset, count, request.Context.RequestAborted);
        return null;
    }

    private static StorageError? Find(StorageRequest request, out StoredBlob? blob)
    {
        blob = PatternName().Match(request.Blob) is { Success: true } pattern
            ? request.Account.Store.Patterns.GetOrAdd(long.Parse(pattern.Groups[1].Value, CultureInfo.InvariantCulture),
                length => new StoredBlob(new PatternContent(length), new Dictionary<string, string>()))
            : null;
        if (blob is not null)
            return null;
        if (request.Account.Store.Find(request.Container) is not { } container)
            return StorageError.NotFound("ContainerNotFound");
        return container.Blobs.TryGetValue(request.Blob, out blob) ? null : StorageError.NotFound("BlobNotFound");
    }

    private static void WriteProperties(StorageRequest request, StoredBlob blob)
    {
        request.Answer("Content-Type", "application/octet-stream");
        foreach (var (name, value) in blob.Headers)
            request.Answer(name, value);
        request.Answer("ETag", blob.ETag);
        request.Answer("Last-Modified", blob.LastModified.ToString("R", CultureInfo.InvariantCulture));
        request.Answer("Accept-Ranges", "bytes");
        request.Answer("x-ms-blob-type", "BlockBlob");
        request.Answer("x-ms-creation-time", blob.LastModified.ToString("R", CultureInfo.InvariantCulture));
        request.Answer("x-ms-lease-status", "unlocked");
        request.Answer("x-ms-lease-state", "available");
        request.Answer("x-ms-server-encrypted", "true");
    }

    // x-ms-range wins over Range. A HEAD has no range.
    private static bool TryRange(StorageRequest request, long length, out bool ranged, out long offset, out long count)
    {
        (ranged, offset, count) = (false, 0, length);
        var header = request.Header("x-ms-range") ?? request.Header("Range");
        if (request.Method == "HEAD" || header is null || Range().Match(header) is not { Success: true } range)
            return true;
        ranged = true;
        offset = long.Parse(range.Groups[1].Value, CultureInfo.InvariantCulture);
        if (offset >= length)
            return false;
        var last = range.Groups[2].Value is { Length: > 0 } end ? long.Parse(end, CultureInfo.InvariantCulture) : length - 1;
        count = Math.Min(last, length - 1) - offset + 1;
        return count > 0;
    }

    [GeneratedRegex(@"^pattern-(\d{1,15})$")]
    private static partial Regex PatternName();

    [GeneratedRegex(@"^bytes=(\d{1,18})-(\d{0,18})$")]
    private static partial Regex Range();
}
