using TokenBroker.Proxy.Addressing;
using TokenBroker.Upstream;

namespace TokenBroker.Proxy.Rewriting.Batch;

/// <summary>
/// Judges each part of a batch like a request of its own, and plans what storage is sent for it. If one part is refused, the
/// batch is refused and nothing of it is sent.
/// </summary>
internal sealed class BatchRules(Router router)
{
    /// <summary>The client's credentials, headers that name another host, and headers that are meant for one connection.</summary>
    private static readonly string[] Dropped = ["Authorization", "Cookie", "Host", "Connection", "x-ms-version", "Content-Length"];

    private readonly BatchTargets _targets = new(router);

    /// <param name="outer">The batch as a whole.</param>
    /// <param name="parts">The parts as the client wrote them.</param>
    /// <param name="judge">Whether the caller may send a part; the refusal if not.</param>
    /// <param name="planned">The parts as storage will see them, without the token.</param>
    /// <returns>The refusal; null if there is none.</returns>
    public Refusal? Plan(BlobRequest outer, IReadOnlyList<BatchPart> parts, Func<BlobRequest, Refusal?> judge, out IReadOnlyList<BatchPart> planned)
    {
        var all = new List<BatchPart>(parts.Count);
        planned = all;
        foreach (var part in parts)
        {
            if (PlanPart(outer, part, judge, out var plan) is { } refusal)
                return refusal.InPart(all.Count + 1);
            all.Add(plan);
        }

        return null;
    }

    private Refusal? PlanPart(BlobRequest outer, BatchPart part, Func<BlobRequest, Refusal?> judge, out BatchPart plan)
    {
        plan = part with { Target = BatchTargets.Rooted(part.Target) };
        if (!_targets.TryRead(outer, plan, out var request, out var unread))
            return unread;
        if ((CheckScope(outer, request) ?? CheckOperation(part, request) ?? judge(request)) is { } refusal)
            return refusal;
        if (!StorageAddress.TryBuild(request.Endpoint, request.Path.Raw, request.Query.Sent, out var address))
            return Refusal.UpstreamMismatch;
        plan = part with { Target = address.PathAndQuery, Headers = [.. part.Headers.Where(IsKept)] };
        return null;
    }

    /// <summary>
    /// Storage takes only parts of the batch's own account, and of its container if the batch was sent to one. A part whose
    /// path is only that name is a blob of the root container.
    /// </summary>
    private static Refusal? CheckScope(BlobRequest outer, BlobRequest part) =>
        part.Account == outer.Account && !part.Secondary
        && (outer.Path.IsAccount || part.Path.ContainerOfBlob == outer.Path.First)
            ? null
            : Refusal.BatchPartElsewhere;

    /// <summary>The operations that a batch may contain; none has a body or a source.</summary>
    private static Refusal? CheckOperation(BatchPart part, BlobRequest request)
    {
        var hasMore = part.Headers.Any(header => Is(header, "Transfer-Encoding") || Is(header, "Expect")
            || header.Key.StartsWith("x-ms-copy-source", StringComparison.OrdinalIgnoreCase)
            || (Is(header, "Content-Length") && header.Value != "0"));
        return !hasMore && request.Row is { InBatch: true } ? null : Refusal.BatchPartOperation;
    }

    private static bool IsKept(KeyValuePair<string, string> header) =>
        !Dropped.Any(name => Is(header, name)) && !header.Key.StartsWith("Proxy-", StringComparison.OrdinalIgnoreCase)
        && !AnswerRules.IsOwn(header.Key);

    private static bool Is(KeyValuePair<string, string> header, string name) => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase);
}
