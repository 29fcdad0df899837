using TokenBroker.Proxy.Addressing;

namespace TokenBroker.Proxy.Rewriting.Batch;

/// <summary>
/// Reads which blob a part's target names. Libraries write it as <c>/ACCOUNT/container/blob</c> like any other, without the leading
/// slash (.NET), or without the account (Java, Python), whatever the batch's own path is. The batch's account, and its container
/// if it has one, leave one reading of nearly all of them; a target with two is refused.
/// </summary>
internal sealed class BatchTargets(Router router)
{
    private static readonly string[] SystemContainers = ["$root", "$web", "$logs"];

    /// <summary>The target with its leading slash, as the same request would be sent and signed outside a batch.</summary>
    public static string Rooted(string target) => target.StartsWith('/') || IsAbsolute(target) ? target : "/" + target;

    /// <summary>The container that a batch was sent to. Its dollar sign may be encoded in one place and plain in the other.</summary>
    public static string ContainerOf(string path)
    {
        var slash = path.IndexOf('/', 1);
        return Plain(slash < 0 ? path[1..] : path[1..slash]);
    }

    /// <returns>The refusal; null if there is a route.</returns>
    public Refusal? Resolve(Route outer, string host, string target, out Route route)
    {
        // Where the Host names the account, no path does.
        if (router.IsHostStyle(host))
            return router.Resolve(target, host, out route);
        var account = outer.Account.Name;
        var (first, rest) = Cut(target);
        var second = Plain(rest.Split('/')[0]);
        route = default;
        if (outer.Path.Length > 1)
        {
            var container = ContainerOf(outer.Path);
            var isBare = first == container && rest.Length > 0;
            if (isBare && first == account && second == container && rest.Contains('/', StringComparison.Ordinal))
                return Refusal.BatchPartAmbiguous;
            if (isBare)
                return Router.ResolveWithin(outer.Account, secondary: false, target, out route);
        }
        else if (first == account && rest.Length > 0 && (second == account || HasContainer(outer.Account, account)))
        {
            return Refusal.BatchPartAmbiguous;
        }

        var refusal = router.Resolve(target, host, out route);
        return (refusal == Refusal.AccountUnknown || first.StartsWith('$')) && rest.Length > 0 && IsContainer(first)
            ? Router.ResolveWithin(outer.Account, secondary: false, target, out route)
            : refusal;
    }

    /// <summary>Only a scheme can have a colon before the first slash: account and container have none. A blob's name or a query may.</summary>
    private static bool IsAbsolute(string target) => target.IndexOf("://", StringComparison.Ordinal) is var colon and > 0 && colon < target.AsSpan().IndexOfAny('/', '?');

    /// <summary>The first segment, and what follows its slash; both empty if the target is not a path.</summary>
    private static (string First, string Behind) Cut(string target)
    {
        var path = target.Split('?', 2)[0].Split('/', 3);
        return path is ["", var first, .. var more] ? (Plain(first), more.Length > 0 ? more[0] : "") : ("", "");
    }

    /// <summary>True if the account has a container of this name, as far as the sidecar can know: its policy names it.</summary>
    private static bool HasContainer(UpstreamAccount account, string name) =>
        account.Options.Policy is { Containers: not null } policy && policy.Names(name);

    /// <summary>True for what storage takes as a container's name, or shorter.</summary>
    private static bool IsContainer(string name) =>
        SystemContainers.Contains(name, StringComparer.Ordinal)
        || (name.Length is > 0 and <= 63 && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'));

    private static string Plain(string container) => container.Replace("%24", "$", StringComparison.Ordinal);
}
