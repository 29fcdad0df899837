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
    /// <param name="route">Where it goes.</param>
    /// <param name="asked">What it does, with every header that the sidecar added.</param>
    /// <param name="plan">The plan.</param>
    /// <returns>The refusal; null if there is a plan.</returns>
    public Refusal? Plan(HttpContext context, Route route, RequestedOperation asked, out StorageRequest plan)
    {
        plan = null!;
        var (request, headers) = (context.Request, context.Request.Headers);
        Strip(headers);
        var query = SasParameters.Strip(route.Query, out var signed);
        if (OperationGate.CheckCredential(route.Account, asked, request.Method, query) is { } closed)
            return closed;
        if (ResponseOverrides.Read(route.Query, out var overrides) is { } invalid)
            return invalid;
        if (RewriteSource(context, route, out var source) is { } refused)
            return refused;
        var endpoint = route.Secondary ? route.Account.SecondaryEndpoint! : route.Account.Endpoint;
        if (!StorageAddress.TryBuild(endpoint, route.Path, query, out var address))
            return Refusal.UpstreamMismatch;
        headers[Version] = StorageVersion.Choose(headers[Version], signed, authorizesSource: source is not null);
        if ((policy.Check(route.Account, asked) ?? OperationGate.CheckUnknown(asked, request.Method, query, PolicyHeaders.Of(headers))) is { } denied)
            return denied;
        plan = new(route.Account.Token, address) { Source = source, Overrides = overrides };
        return null;
    }

    /// <summary>Gathers the body where it must be rewritten, or where the client gave no length and storage demands one.</summary>
    /// <returns>The refusal; null if the request can go on.</returns>
    public async Task<Refusal?> GatherAsync(HttpContext context, Route route, StorageRequest plan)
    {
        try
        {
            if (Posts(context.Request, route, "batch"))
                return await GatherBatchAsync(context, route, plan);
            return context.Request.ContentLength is null && context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true }
                ? await GatherChunkedAsync(context, route, plan)
                : null;
        }
        catch (IOException)
        {
            return Refusal.BodyBroken;
        }
    }

    private async Task<Refusal?> GatherBatchAsync(HttpContext context, Route route, StorageRequest plan)
    {
        var request = context.Request;
        if (request.ContentLength > BatchReader.MostBytes)
            return Refusal.BatchTooLarge;
        if (request.Headers.ContentEncoding.ToString() is { Length: > 0 } encoding && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
            return Refusal.ForBatch(BatchFault.Encoding);
        var contentType = request.Headers.ContentType is [var single] ? single : null;
        var (gathered, unread) = await gathering.ReadAsync(context, route.Account.Name, BatchReader.MostBytes, tooLong: Refusal.BatchTooLarge);
        if (gathered is null)
            return unread;
        if (!gathered.Reservation.TryGrow(BatchModelSize * (long)gathered.Body.Length))
            return Refusal.BuffersFull;
        var refusal = BatchReader.Read(contentType, gathered.Body.ToArray(), out var parts)
            ?? batches.Plan(route, request.Headers.Host.ToString(), parts, (part, at) => signature.CheckPart(context, part, at), out parts);
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

    private async Task<Refusal?> GatherChunkedAsync(HttpContext context, Route route, StorageRequest plan)
    {
        var (gathered, unread) = await gathering.ReadAsync(context, route.Account.Name, options.Upstream.ChunkedUploadLimit, tooLong: Refusal.LengthRequired);
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
    /// <param name="route">Where the copy goes.</param>
    /// <param name="source">Whose token to give along; null if none.</param>
    private Refusal? RewriteSource(HttpContext context, Route route, out TokenEntry? source)
    {
        source = null;
        var headers = context.Request.Headers;
        if (!headers.TryGetValue(CopySource, out var text))
            return null;
        if (sources.Resolve(text.ToString(), out var named) is { } refusal)
            return refusal;
        var waits = IsAwaited(context.Request, route);
        if (named is null)
            return CheckElsewhere(text.ToString(), route, waits);
        if ((signature.CheckSource(context, route, named.Route) ?? policy.CheckSource(named.Route, PolicyHeaders.Of(headers))) is { } denied)
            return denied;
        if (!waits && named.Route.Account != route.Account)
            return named.IsAtSidecar ? Refusal.CopySourceOtherAccount : null;
        if (named.Address() is not { } address)
            return Refusal.UpstreamMismatch;
        headers[CopySource] = address.AbsoluteUri;
        headers.Remove(CopySourceAuthorization);
        source = waits ? named.Route.Account.Token : null;
        return null;
    }

    private Refusal? CheckElsewhere(string source, Route route, bool waits)
    {
        var alike = sources.LookedLike(source).ToList();
        var isSigned = source.Split('?', 2) is [_, var query] && QueryValue.Raw("?" + query, "sig") is not null;
        return signature.CheckElsewhere(route, alike.Count > 0, waits, isSigned) ?? policy.CheckElsewhere(alike);
    }

    /// <summary>Copy Blob From URL says so; Put Blob, Block, Page and Append Block From URL are no other operation.</summary>
    private static bool IsAwaited(HttpRequest request, Route route) =>
        request.Headers["x-ms-requires-sync"].ToString().Equals("true", StringComparison.OrdinalIgnoreCase)
        || request.Headers.ContainsKey("x-ms-blob-type")
        || QueryValue.Of(route.Query, "comp")?.ToLowerInvariant() is "block" or "page" or "appendblock";

    private static bool Posts(HttpRequest request, Route route, string comp) =>
        HttpMethods.IsPost(request.Method) && comp.Equals(QueryValue.Of(route.Query, "comp"), StringComparison.OrdinalIgnoreCase);

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
