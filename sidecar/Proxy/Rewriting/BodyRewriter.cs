using Microsoft.AspNetCore.Http.Features;
using TokenBroker.Configuration;
using TokenBroker.Proxy.Bodies;
using TokenBroker.Proxy.Rewriting.Batch;

namespace TokenBroker.Proxy.Rewriting;

/// <summary>Step 7: gathers the few bodies that must be known whole before anything is sent: batches, and chunked uploads.</summary>
internal sealed class BodyRewriter(BrokerOptions options, BatchRules batches, BodyGathering gathering)
{
    /// <summary>A batch's model and the body that is written from it, as a multiple of what the client sent.</summary>
    private const int BatchModelSize = 3;

    /// <summary>True if the body must be rewritten, or if the client gave no length and storage demands one.</summary>
    public static bool MustGather(HttpContext context, BlobRequest request) =>
        request.Row is { IsBatch: true }
        || (context.Request.ContentLength is null && context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true });

    /// <summary>Gathers a body for which <see cref="MustGather"/> is true.</summary>
    /// <param name="context">The request.</param>
    /// <param name="request">Its reading.</param>
    /// <param name="plan">Where the body goes.</param>
    /// <param name="judge">Whether the caller may send a part of a batch; the refusal if not.</param>
    /// <returns>The refusal; null if the request can go on.</returns>
    public async Task<Refusal?> GatherAsync(HttpContext context, BlobRequest request, StorageRequest plan, Func<BlobRequest, Refusal?> judge)
    {
        try
        {
            return request.Row is { IsBatch: true } ? await GatherBatchAsync(context, request, plan, judge) : await GatherChunkedAsync(context, request, plan);
        }
        catch (IOException)
        {
            return Refusal.BodyBroken;
        }
    }

    private async Task<Refusal?> GatherBatchAsync(HttpContext context, BlobRequest outer, StorageRequest plan, Func<BlobRequest, Refusal?> judge)
    {
        var request = context.Request;
        if (request.ContentLength > BatchReader.MaxBytes)
            return Refusal.BatchTooLarge;
        if (request.Headers.ContentEncoding.ToString() is { Length: > 0 } encoding && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
            return Refusal.ForBatch(BatchFault.Encoding);
        var contentType = request.Headers.ContentType is [var single] ? single : null;
        var (gathered, unread) = await gathering.ReadAsync(context, outer.Account.Name, BatchReader.MaxBytes, tooLong: Refusal.BatchTooLarge);
        if (gathered is null)
            return unread;
        if (!gathered.Reservation.TryGrow(BatchModelSize * (long)gathered.Body.Length))
            return Refusal.BuffersFull;
        var refusal = BatchReader.Read(contentType, gathered.Body.ToArray(), out var parts)
            ?? batches.Plan(outer, parts, judge, out parts);
        if (refusal is not null)
            return refusal;
        var batch = new BatchBody(parts);
        request.ContentType = batch.ContentType;
        request.Headers.Remove("Content-MD5"); // both are of the bytes that the client wrote
        request.Headers.Remove("x-ms-content-crc64");
        request.Headers.Remove("Transfer-Encoding");
        plan.Body = token => Stored(batch.Write(token));
        return null;
    }

    private static (Stream, long) Stored(byte[] bytes) => (new MemoryStream(bytes, writable: false), bytes.Length);

    private async Task<Refusal?> GatherChunkedAsync(HttpContext context, BlobRequest request, StorageRequest plan)
    {
        var (gathered, unread) = await gathering.ReadAsync(context, request.Account.Name, options.Upstream.ChunkedUploadLimit, tooLong: Refusal.LengthRequired);
        if (gathered is null)
            return unread;
        context.Request.Headers.Remove("Transfer-Encoding");
        plan.Body = _ => (gathered.Body.OpenRead(), gathered.Body.Length);
        return null;
    }
}
