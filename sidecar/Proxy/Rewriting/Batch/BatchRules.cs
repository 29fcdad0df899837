using TokenBroker.Proxy.Addressing;
using TokenBroker.Proxy.CallerKey;
using TokenBroker.Proxy.Policy;
using TokenBroker.Upstream;

namespace TokenBroker.Proxy.Rewriting.Batch;

/// <summary>
/// Judges every part of a batch by itself, as if it had come alone, and plans what storage will see in its place. One part
/// that is refused refuses the batch: nothing of it is sent.
/// </summary>
internal sealed class BatchRules(Router router, PolicyGuard policy)
{
    /// <summary>What the client signed with, what names another host, and what is meant for one connection.</summary>
    private static readonly string[] Dropped = ["Authorization", "Cookie", "Host", "Connection", "x-ms-version", "Content-Length"];

    private readonly BatchTargets _targets = new(router);

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
            if (PlanPart(outer, host, part, verify, out var plan) is { } refusal)
                return refusal.InPart(all.Count + 1);
            all.Add(plan);
        }

        return null;
    }

    private Refusal? PlanPart(Route outer, string host, BatchPart part, Func<BatchPart, Route, Refusal?> verify, out BatchPart plan)
    {
        plan = part with { Target = BatchTargets.Rooted(part.Target) };
        var refusal = _targets.Resolve(outer, host, plan.Target, out var route) ?? CheckScope(outer, route) ?? CheckOperation(plan, route) ?? verify(plan, route);
        if (refusal is not null)
            return refusal;
        var query = SasParameters.Strip(route.Query, out _);
        if (!StorageAddress.TryBuild(route.Account.Endpoint, route.Path, query, out var address))
            return Refusal.UpstreamMismatch;
        var asked = RequestedOperation.Of(part.Method, route.Path, query, PolicyHeaders.Of(part));
        if ((policy.Check(route.Account, asked) ?? OperationGate.CheckUnknown(asked, part.Method, query, PolicyHeaders.Of(part))) is { } denied)
            return denied;
        plan = part with { Target = address.PathAndQuery, Headers = [.. part.Headers.Where(IsKept)] };
        return null;
    }

    /// <summary>
    /// Storage takes parts of the batch's own account alone, and of its container if the batch was sent to one. A part whose
    /// path has that name alone is a blob of the root container.
    /// </summary>
    private static Refusal? CheckScope(Route outer, Route part) =>
        part.Account == outer.Account && !part.Secondary
        && (outer.Path.Length <= 1 || RequestedOperation.ContainerOf(part.Path) == BatchTargets.ContainerOf(outer.Path))
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
        !Dropped.Any(name => Is(header, name)) && !header.Key.StartsWith("Proxy-", StringComparison.OrdinalIgnoreCase)
        && !AnswerRules.IsOwn(header.Key);

    private static bool Is(KeyValuePair<string, string> header, string name) => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase);
}
