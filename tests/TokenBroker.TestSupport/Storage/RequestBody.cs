using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace TokenBroker.TestSupport.Storage;

/// <summary>Reads a body to its end, hashing it on the way into the record.</summary>
internal static class RequestBody
{
    private const int KeptInRecord = 64 * 1024;
    private const long KeptInBlob = 256 * 1024 * 1024;
    private const int KeptOfBatch = 4 * 1024 * 1024; // the service takes no larger batch

    /// <summary>The body if it is to be kept, else null.</summary>
    public static async Task<byte[]?> ReadAsync(HttpContext context, RecordedRequest record, bool keep)
    {
        var expected = context.Request.ContentLength;
        var recorded = record.RawTarget.Contains("comp=batch", StringComparison.OrdinalIgnoreCase) ? KeptOfBatch : KeptInRecord;
        var keeps = keep || expected is null || expected <= recorded;
        using var content = new MemoryStream(keeps ? (int)(expected ?? 0) : 0);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var reader = context.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync();
            foreach (var piece in read.Buffer)
            {
                hash.AppendData(piece.Span);
                record.BodyLength += piece.Length;
                if (keeps)
                    content.Write(piece.Span);
            }
            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
                break;
        }
        record.BodySha256 = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (keeps && content.Length <= recorded)
            record.Body = content.ToArray();
        return keep ? content.ToArray() : null;
    }

    /// <summary>The body as content of a blob: kept if the account keeps any and it is under 256 MiB, else hashed and let go.</summary>
    public static async Task<BlobContent> ContentAsync(StorageRequest request)
    {
        var keeps = request.Account.KeepsContent && request.Context.Request.ContentLength < KeptInBlob;
        return await ReadAsync(request.Context, request.Record, keeps) is { } bytes ? new KeptContent(bytes) : new DroppedContent(request.Record.BodyLength);
    }

    /// <summary>Reads so many bytes, or all if there are fewer.</summary>
    public static async Task ReadSomeAsync(HttpContext context, RecordedRequest record, long count)
    {
        var reader = context.Request.BodyReader;
        while (record.BodyLength < count)
        {
            var read = await reader.ReadAsync();
            record.BodyLength += read.Buffer.Length;
            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
                break;
        }
    }
}
