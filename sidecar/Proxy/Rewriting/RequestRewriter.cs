using System.Diagnostics.CodeAnalysis;
using TokenBroker.Proxy.Addressing;
using TokenBroker.Tokens;
using TokenBroker.Upstream;

namespace TokenBroker.Proxy.Rewriting;

/// <summary>
/// Step 5: removes what the client signed with, and adds what a bearer token needs. The plan of all headers is complete before
/// the body is touched.
/// </summary>
internal sealed class RequestRewriter(CopySources sources)
{
    private const string Version = "x-ms-version";
    private static readonly string[] Dropped = ["Authorization", "Cookie", "Connection", "Keep-Alive", "Upgrade", "HTTP2-Settings"];
    private const string CopySourceHeader = "x-ms-copy-source";

    /// <param name="request">The request, whose headers are rewritten.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="refusal">Why the request cannot be sent.</param>
    public bool TryPlan(BlobRequest request, [NotNullWhen(true)] out StorageRequest? plan, [NotNullWhen(false)] out Refusal? refusal)
    {
        plan = null;
        var headers = request.Headers;
        Strip(headers);
        refusal = ResponseOverrides.Read(request.Query, out var overrides);
        if (refusal is not null || !TryRewriteSource(request, out var source, out var sourceEntry, out refusal))
            return false;
        if (!StorageAddress.TryBuild(request.Endpoint, request.Path.Raw, request.Query.Sent, out var address))
        {
            refusal = Refusal.UpstreamMismatch;
            return false;
        }

        headers[Version] = StorageVersion.Choose(headers[Version], request.Query.SasVersion, authorizesSource: sourceEntry is not null);
        plan = new(request.Account.Token, address) { CopySource = source, Source = sourceEntry, Overrides = overrides };
        return true;
    }

    /// <summary>
    /// Writes a new address for the source if the source is in an account that is served. Where storage reads the source while the
    /// request waits, it wants a token for it. In the background it takes none: the request's own token opens what is in the
    /// same account.
    /// </summary>
    /// <param name="copy">The request.</param>
    /// <param name="source">The source; null if the request is not a copy.</param>
    /// <param name="entry">The entry whose token storage reads the source with; null if there is none.</param>
    /// <param name="refusal">Why the copy cannot be sent.</param>
    private bool TryRewriteSource(BlobRequest copy, out CopySource? source, out TokenEntry? entry, [NotNullWhen(false)] out Refusal? refusal)
    {
        (source, entry, refusal) = (null, null, null);
        if (copy.Header(CopySourceHeader) is not { } text)
            return true;
        if (!sources.TryRead(text, out source, out refusal))
            return false;
        if (source.Blob is not { } blob)
            return true;
        if (!copy.AwaitsSource && blob.Account != copy.Account)
        {
            refusal = source.IsAtSidecar ? Refusal.CopySourceOtherAccount : null;
            return refusal is null;
        }

        if (CopySource.AddressOf(blob) is not { } address)
        {
            refusal = Refusal.UpstreamMismatch;
            return false;
        }

        copy.Headers[CopySourceHeader] = address.AbsoluteUri;
        copy.Headers.Remove(StorageRequest.CopySourceAuthorization);
        entry = copy.AwaitsSource ? blob.Account.Token : null;
        return true;
    }

    /// <summary>
    /// Removes the client's credentials, and the headers that are meant for this hop only. The forwarder drops most hop-by-hop
    /// headers too, but would forward some offers of another protocol.
    /// </summary>
    private static void Strip(IHeaderDictionary headers)
    {
        foreach (var name in Dropped)
            headers.Remove(name);
        AnswerRules.Remove(headers, static name => name.StartsWith("Proxy-", StringComparison.OrdinalIgnoreCase) || AnswerRules.IsOwn(name));
    }
}
