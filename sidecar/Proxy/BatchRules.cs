using Microsoft.AspNetCore.Http;

namespace TokenBroker.Proxy;

/// <summary>
/// Judges every part of a batch by itself, as if it had come alone, and plans what storage will see in its place. One part
/// that is refused refuses the batch: nothing of it is sent.
/// </summary>
internal sealed class BatchRules(Router router, PolicyGuard policy)
{
    /// <summary>What the client signed with, what names another host, and what is meant for one connection.</summary>
    private static readonly string[] Dropped = ["Authorization", "Cookie", "Host", "Connection", "x-ms-version", "Content-Length"];

    /// <param name="outer">Where the batch as a whole goes.</param>
    /// <param name="host">The outer request's Host: parts are addressed in the same style.</param>
    /// <param name="parts">The parts as the client wrote them.</param>
    /// <param name="verify">Whether the caller signed a part that goes there; the refusal if not.</param>
    /// <param name="planned">The parts as storage will see them, without the token.</param>
    /// <returns>The refusal; null if there is none.</returns>
    public Refusal? Plan(Route outer, string host, IReadOnlyList<BatchPart> parts, Func<BatchPart, Route, Refusal?> verify, out IReadOnlyList<BatchPart> planned)
    {
        var all = new List<BatchPart>(parts.Count);
        planned = all;
        foreach (var part in parts)
        {
            var refusal = Resolve(outer, host, part.Target, out var route) ?? CheckScope(outer, route) ?? CheckOperation(part, route) ?? verify(part, route);
            if (refusal is not null)
                return refusal;
            var query = SasParameters.Strip(route.Query, out _);
            if (!StorageAddress.TryBuild(route.Account.Endpoint, route.Path, query, out var address))
                return Refusal.UpstreamMismatch;
            var asked = RequestedOperation.Of(part.Method, route.Path, query, PolicyHeaders.Of(part));
            if ((policy.Check(route.Account, asked) ?? OperationGate.CheckUnknown(asked, part.Method, query, PolicyHeaders.Of(part))) is { } denied)
                return denied;
            all.Add(part with { Target = address.PathAndQuery, Headers = [.. part.Headers.Where(IsKept)] });
        }

        return null;
    }

    /// <summary>
    /// Parts are addressed as the batch itself is; but Python's library leaves the account out, also where the batch's own
    /// path has it. At a container that is no guess, unless the container is called like the account: what could then be
    /// either of two blobs is none.
    /// </summary>
    private Refusal? Resolve(Route outer, string host, string target, out Route route)
    {
        if (outer.Path.Length > 1 && !router.IsHostStyle(host))
        {
            var container = ContainerOf(outer.Path);
            var (bare, full) = target.Split('/', 4) switch
            {
                ["", var first, var second, _] => (Plain(first) == container, first == outer.Account.Name && Plain(second) == container),
                ["", var first, _] => (Plain(first) == container, false),
                _ => (false, false),
            };
            if (bare && full)
            {
                route = default;
                return Refusal.BatchPartAmbiguous;
            }

            if (bare)
                return Router.ResolveWithin(outer.Account, secondary: false, target, out route);
        }

        return router.Resolve(target, host, out route);
    }

    /// <summary>
    /// Storage takes parts of the batch's own account alone, and of its container if the batch was sent to one. A part whose
    /// path has that name alone is a blob of the root container.
    /// </summary>
    private static Refusal? CheckScope(Route outer, Route part) =>
        part.Account == outer.Account && !part.Secondary
        && (outer.Path.Length <= 1 || RequestedOperation.ContainerOf(part.Path) == ContainerOf(outer.Path))
            ? null
            : Refusal.BatchPartElsewhere;

    /// <summary>The two operations that a batch may hold; neither has a body or a source.</summary>
    private static Refusal? CheckOperation(BatchPart part, Route route)
    {
        var comp = QueryValue.Of(route.Query, "comp");
        var isKnown = (part.Method == HttpMethods.Delete && comp is null or "")
            || (part.Method == HttpMethods.Put && "tier".Equals(comp, StringComparison.OrdinalIgnoreCase));
        var hasMore = part.Headers.Any(header => Is(header, "Transfer-Encoding") || Is(header, "Expect")
            || header.Key.StartsWith("x-ms-copy-source", StringComparison.OrdinalIgnoreCase)
            || (Is(header, "Content-Length") && header.Value != "0"));
        var isBlob = route.Path.Length > 1 && string.IsNullOrEmpty(QueryValue.Of(route.Query, "restype"));
        return isKnown && !hasMore && isBlob ? null : Refusal.BatchPartOperation;
    }

    private static bool IsKept(KeyValuePair<string, string> header) =>
        !Dropped.Any(name => Is(header, name)) && !header.Key.StartsWith("Proxy-", StringComparison.OrdinalIgnoreCase);

    private static bool Is(KeyValuePair<string, string> header, string name) => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static string ContainerOf(ReadOnlySpan<char> path)
    {
        path = path.TrimStart('/'); // a missing container is refused by the path's own rules
        var slash = path.IndexOf('/');
        return Plain((slash < 0 ? path : path[..slash]).ToString());
    }

    /// <summary>The dollar sign of <c>$web</c> may be encoded, and Python's library encodes it in the parts alone.</summary>
    private static string Plain(string container) => container.Replace("%24", "$", StringComparison.Ordinal);
}
