using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http.Features;
using TokenBroker.Configuration;
using TokenBroker.Proxy.Addressing;
using TokenBroker.Proxy.Bodies;
using TokenBroker.Proxy.CallerKey;
using TokenBroker.Proxy.Policy;
using TokenBroker.Proxy.Rewriting.Batch;
using TokenBroker.Tokens;
using TokenBroker.Upstream;

namespace TokenBroker.Proxy.Rewriting;

/// <summary>
/// Step 3: what the client's way of signing leaves behind goes, and what a bearer needs comes. First the plan of all
/// headers, before the body is touched; then the few bodies that have to be known whole.
/// </summary>
internal sealed class RequestRewriter(
    BrokerOptions options, CopySources sources, BatchRules batches, CallerSignature signature, PolicyGuard policy, BodyGathering gathering)
{
    private const string Version = "x-ms-version";
    private static readonly string[] Dropped = ["Authorization", "Cookie", "Connection", "Keep-Alive", "Upgrade", "HTTP2-Settings"];
    private const string CopySource = "x-ms-copy-source";
    private const string CopySourceAuthorization = StorageRequest.CopySourceAuthorization;

    /// <summary>A batch's model and the body that is written from it, as a multiple of what the client sent.</summary>
    private const int BatchModelSize = 3;

    /// <param name="context">The request.</param>
    /// <param name="request">Its reading.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="refusal">Why there is no plan.</param>
    public bool TryPlan(
        HttpContext context, BlobRequest request, [NotNullWhen(true)] out StorageRequest? plan, [NotNullWhen(false)] out Refusal? refusal)
    {
        plan = null;
        var headers = context.Request.Headers;
        Strip(headers);
        TokenEntry? source = null;
        ResponseOverrides? overrides = null;
        refusal = OperationGate.CheckCredential(request)
            ?? ResponseOverrides.Read(request.Query, out overrides)
            ?? RewriteSource(context, request, out source);
        if (refusal is not null)
            return false;
        if (!StorageAddress.TryBuild(request.Endpoint, request.Path.Raw, request.Query.Sent, out var address))
        {
            refusal = Refusal.UpstreamMismatch;
            return false;
        }

        headers[Version] = StorageVersion.Choose(headers[Version], request.Query.SasVersion, authorizesSource: source is not null);
        refusal = policy.Check(request);
        plan = refusal is null ? new(request.Account.Token, address) { Source = source, Overrides = overrides } : null;
        return plan is not null;
    }

    /// <summary>Gathers the body where it must be rewritten, or where the client gave no length and storage demands one.</summary>
    /// <returns>The refusal; null if the request can go on.</returns>
    public async Task<Refusal?> GatherAsync(HttpContext context, BlobRequest request, StorageRequest plan)
    {
        try
        {
            if (HttpMethods.IsPost(request.Method) && "batch".Equals(request.Query["comp"], StringComparison.OrdinalIgnoreCase))
                return await GatherBatchAsync(context, request, plan);
            return context.Request.ContentLength is null && context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true }
                ? await GatherChunkedAsync(context, request, plan)
                : null;
        }
        catch (IOException)
        {
            return Refusal.BodyBroken;
        }
    }

    private async Task<Refusal?> GatherBatchAsync(HttpContext context, BlobRequest outer, StorageRequest plan)
    {
        var request = context.Request;
        if (request.ContentLength > BatchReader.MostBytes)
            return Refusal.BatchTooLarge;
        if (request.Headers.ContentEncoding.ToString() is { Length: > 0 } encoding && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
            return Refusal.ForBatch(BatchFault.Encoding);
        var contentType = request.Headers.ContentType is [var single] ? single : null;
        var (gathered, unread) = await gathering.ReadAsync(context, outer.Account.Name, BatchReader.MostBytes, tooLong: Refusal.BatchTooLarge);
        if (gathered is null)
            return unread;
        if (!gathered.Reservation.TryGrow(BatchModelSize * (long)gathered.Body.Length))
            return Refusal.BuffersFull;
        var refusal = BatchReader.Read(contentType, gathered.Body.ToArray(), out var parts)
            ?? batches.Plan(outer, parts, part => signature.CheckPart(part, CallerConnection.Of(context)), out parts);
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

    /// <summary>
    /// Writes the source's address anew if it is in an account that is served. Where storage fetches the source while the
    /// request waits, it wants the source authorised by itself; in the background it takes no such word, and the request's
    /// own token opens what is in the same account.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="copy">Its reading.</param>
    /// <param name="source">The entry whose token storage reads the source with; null if there is none.</param>
    private Refusal? RewriteSource(HttpContext context, BlobRequest copy, out TokenEntry? source)
    {
        source = null;
        var headers = context.Request.Headers;
        if (!headers.TryGetValue(CopySource, out var text))
            return null;
        if (sources.Resolve(text.ToString(), out var named) is { } refusal)
            return refusal;
        var isAwaited = OperationTable.Named(copy)?.AwaitsSource(headers) == true;
        if (named is null)
            return CheckElsewhere(text.ToString(), copy, isAwaited);
        if ((signature.CheckSource(copy, named.Blob, CallerConnection.Of(context)) ?? policy.CheckSource(named.Blob, copy)) is { } denied)
            return denied;
        if (!isAwaited && named.Blob.Account != copy.Account)
            return named.IsAtSidecar ? Refusal.CopySourceOtherAccount : null;
        if (named.Address() is not { } address)
            return Refusal.UpstreamMismatch;
        headers[CopySource] = address.AbsoluteUri;
        headers.Remove(CopySourceAuthorization);
        source = isAwaited ? named.Blob.Account.Token : null;
        return null;
    }

    private Refusal? CheckElsewhere(string source, BlobRequest copy, bool isAwaited)
    {
        var alike = sources.LookedLike(source).ToList();
        var isSigned = BlobQuery.OfTarget(source).Query.HasSignature;
        return signature.CheckElsewhere(copy, alike.Count > 0, isAwaited, isSigned) ?? policy.CheckElsewhere(alike);
    }

    /// <summary>
    /// Takes the client's own way to sign out of the request, and what is meant for this hop alone. The forwarder drops most
    /// hop-by-hop headers too, but would pass some offers of another protocol on.
    /// </summary>
    private static void Strip(IHeaderDictionary headers)
    {
        foreach (var name in Dropped)
            headers.Remove(name);
        foreach (var name in headers.Keys.Where(name => name.StartsWith("Proxy-", StringComparison.OrdinalIgnoreCase) || AnswerRules.IsOwn(name)).ToList())
            headers.Remove(name);
    }
}
