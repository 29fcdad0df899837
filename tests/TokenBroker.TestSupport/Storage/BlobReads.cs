using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace TokenBroker.TestSupport.Storage;

/// <summary>Get Blob, whole or by range, and Get Blob Properties.</summary>
internal static partial class BlobReads
{
    public static async Task<StorageError?> GetAsync(StorageRequest request)
    {
        if (Begin(request, out var blob, out var lease) is { } refusal)
            return refusal;
        if (!TryRange(request, blob!.Length, out var ranged, out var offset, out var count))
            return new StorageError(416, "InvalidRange", "The range specified is invalid for the current size of the resource.");
        var isGet = request.Method != "HEAD";
        if (isGet && blob.Tier == "Archive")
            return StorageError.Conflict("BlobArchived", "This operation is not permitted on an archived blob.");
        if (isGet && !blob.Content.IsKept)
            return StorageError.Conflict("ContentNotKept", "The stub hashed this blob and let it go.");

        var response = request.Context.Response;
        BlobHeaders.Write(request, blob, lease);
        response.ContentLength = count;
        if (!isGet)
            return null;
        // Also where the range covers the whole blob: Python's SDK asks so, and fails without Content-Range.
        if (ranged)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            request.Answer("Content-Range", $"bytes {offset}-{offset + count - 1}/{blob.Length}");
        }
        await blob.Content.WriteAsync(new SentStream(response.Body, request.Record), offset, count, request.Context.RequestAborted);
        return null;
    }

    /// <summary>Finds the blob and holds the request's conditions and lease against it; null lets the read go on.</summary>
    public static StorageError? Begin(StorageRequest request, out StoredBlob? blob, out Lease? lease)
    {
        lease = null;
        if (BlobLookup.Find(request.Account, request.Address, out blob) is { } missing)
            return missing;
        lease = request.Query.ContainsKey("snapshot") ? null : request.Account.Store.Find(request.Container)?.Leases.GetValueOrDefault(request.Blob);
        return Conditions.OnRead(request, blob!) ?? Leases.OnRead(request, lease);
    }

    /// <summary>Reads <c>bytes=first-last</c>; false if it is written otherwise.</summary>
    public static bool TryParse(string? header, out long first, out long? last)
    {
        (first, last) = (0, null);
        if (header is null || Range().Match(header) is not { Success: true } range)
            return false;
        first = long.Parse(range.Groups[1].Value, CultureInfo.InvariantCulture);
        if (range.Groups[2].Value is { Length: > 0 } end)
            last = long.Parse(end, CultureInfo.InvariantCulture);
        return true;
    }

    /// <summary>x-ms-range wins over Range.</summary>
    public static string? RangeOf(StorageRequest request) => request.Header("x-ms-range") ?? request.Header("Range");

    // A HEAD has no range, and one that storage cannot read counts as none.
    private static bool TryRange(StorageRequest request, long length, out bool ranged, out long offset, out long count)
    {
        (ranged, offset, count) = (false, 0, length);
        if (request.Method == "HEAD" || !TryParse(RangeOf(request), out var first, out var last))
            return true;
        (ranged, offset) = (true, first);
        count = Math.Min(last ?? length - 1, length - 1) - offset + 1;
        return offset < length && count > 0;
    }

    [GeneratedRegex(@"^bytes=(\d{1,18})-(\d{0,18})$")]
    private static partial Regex Range();
}
