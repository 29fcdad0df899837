using System.Diagnostics.CodeAnalysis;
using TokenBroker.Proxy.Addressing;

namespace TokenBroker.Proxy.Rewriting.Batch;

/// <summary>
/// Reads which blob a part's target names. Libraries write it as <c>/ACCOUNT/container/blob</c>, without the leading slash (.NET), or
/// without the account (Java, Python). They do so in every batch, whether it was sent to the account or to a container. The
/// batch's account and container leave only one reading of nearly all targets. A target with two readings is refused.
/// </summary>
internal sealed class BatchTargets(Router router)
{
    private static readonly string[] SystemContainers = ["$root", "$web", "$logs"];

    /// <summary>The target with its leading slash, as the same request would be sent and signed outside a batch.</summary>
    public static string Rooted(string target) => target.StartsWith('/') || IsAbsolute(target) ? target : "/" + target;

    /// <summary>Reads a part as the request that it is.</summary>
    /// <param name="outer">The batch. Its Host decides the style in which parts are addressed.</param>
    /// <param name="part">The part, with its leading slash.</param>
    /// <param name="request">The reading.</param>
    /// <param name="refusal">Why the part cannot be read.</param>
    public bool TryRead(BlobRequest outer, BatchPart part, [NotNullWhen(true)] out BlobRequest? request, [NotNullWhen(false)] out Refusal? refusal)
    {
        (request, refusal) = (null, null);
        var (headers, target, host) = (HeadersOf(part), part.Target, outer.Headers.Host.ToString());
        // If the Host names the account, paths do not.
        if (router.IsHostStyle(host))
            return router.TryRead(part.Method, target, host, headers, out request, out refusal);
        var account = outer.Account.Name;
        var (first, rest) = Cut(target);
        var second = BlobPath.Plain(rest.Split('/')[0]);
        if (!outer.Path.IsAccount)
        {
            var container = outer.Path.First;
            var isBare = first == container && rest.Length > 0;
            if (isBare && first == account && second == container && rest.Contains('/', StringComparison.Ordinal))
                refusal = Refusal.BatchPartAmbiguous;
            else if (isBare)
                return Router.TryReadWithin(outer.Account, secondary: false, part.Method, target, headers, out request, out refusal);
        }
        else if (first == account && rest.Length > 0 && (second == account || HasContainer(outer.Account, account)))
        {
            refusal = Refusal.BatchPartAmbiguous;
        }

        if (refusal is not null)
            return false;
        var isRead = router.TryRead(part.Method, target, host, headers, out request, out refusal);
        return (refusal == Refusal.AccountUnknown || first.StartsWith('$')) && rest.Length > 0 && IsContainer(first)
            ? Router.TryReadWithin(outer.Account, secondary: false, part.Method, target, headers, out request, out refusal)
            : isRead;
    }

    private static HeaderDictionary HeadersOf(BatchPart part)
    {
        var headers = new HeaderDictionary(part.Headers.Count);
        foreach (var (name, value) in part.Headers)
            headers[name] = value;
        return headers;
    }

    /// <summary>Only a scheme can have a colon before the first slash: account and container have none. A blob's name or a query may.</summary>
    private static bool IsAbsolute(string target) => target.IndexOf("://", StringComparison.Ordinal) is var colon and > 0 && colon < target.AsSpan().IndexOfAny('/', '?');

    /// <summary>The first segment, and what follows its slash; both empty if the target is not a path.</summary>
    private static (string First, string After) Cut(string target)
    {
        if (!target.StartsWith('/'))
            return ("", "");
        var question = target.IndexOf('?', StringComparison.Ordinal);
        var path = new BlobPath(question < 0 ? target : target[..question]);
        return (path.First, path.RawRest.ToString());
    }

    /// <summary>True if the account has a container of this name, as far as the sidecar can know: its policy names it.</summary>
    private static bool HasContainer(UpstreamAccount account, string name) =>
        account.Options.Policy is { Containers: not null } policy && policy.Names(name);

    /// <summary>True for the characters and the length of a container's name. Shorter names than storage allows pass too.</summary>
    private static bool IsContainer(string name) =>
        SystemContainers.Contains(name, StringComparer.Ordinal)
        || (name.Length is > 0 and <= 63 && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'));
}
