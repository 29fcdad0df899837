using TokenBroker.Configuration;
using TokenBroker.Proxy.Addressing;
using TokenBroker.Proxy.Telemetry;

namespace TokenBroker.Proxy.Policy;

/// <summary>
/// Checks what will be sent against the account's policy: a request, every part of a batch, and every source of a copy. A
/// policy that only reports refuses nothing, and logs what it would refuse.
/// </summary>
internal sealed class PolicyGuard(ProxyMetrics metrics, ILogger<PolicyGuard> logger)
{
    /// <summary>Checks a request or one part of a batch. Without a policy, the operation table alone decides.</summary>
    /// <param name="request">The request, as it will be sent.</param>
    /// <param name="source">The source, if the request is a copy.</param>
    /// <returns>The refusal; null if the request may be sent.</returns>
    public Refusal? Check(BlobRequest request, CopySource? source = null) =>
        OperationGate.CheckCredential(request)
        ?? (source is null ? null : source.Blob is { } blob ? CheckSource(blob, request) : CheckElsewhere(source.LookAlikes))
        ?? CheckPolicy(request)
        ?? OperationGate.CheckUnknown(request);

    private Refusal? CheckPolicy(BlobRequest request) => request.Account.Options.Policy is { } policy
        ? Settle(request.Account, policy, request.Operation.Operations, Judge(policy, request.Operation.Operations, request.Operation.Container))
        : null;

    /// <summary>A copy reads its source, and its tags if they are copied or a condition names them.</summary>
    private Refusal? CheckSource(BlobRequest source, BlobRequest copy)
    {
        if (source.Account.Options.Policy is not { } policy)
            return null;
        var operations = BlobOperations.Read | OperationTable.Added(copy, bySourceOnly: true);
        if (PathRules.HidesDotSegment(source.Path))
            operations |= BlobOperations.Unknown;
        // The sidecar writes the address of a blob: what else the source's query asks for is not sent.
        var denied = Judge(policy, operations, source.Path.ContainerOfBlob);
        return Settle(source.Account, policy, operations, denied is null ? null : Refusal.PolicyCopySource);
    }

    /// <summary>A source elsewhere is not judged, unless storage may read it as a blob of an account that is served.</summary>
    private Refusal? CheckElsewhere(IReadOnlyList<UpstreamAccount> lookAlikes) =>
        lookAlikes.Select(account => account.Options.Policy is { } policy ? Settle(account, policy, BlobOperations.Read, Refusal.PolicyCopySource) : null)
            .FirstOrDefault(refusal => refusal is not null);

    private static Refusal? Judge(PolicyOptions policy, BlobOperations operations, string? container)
    {
        if (operations.HasFlag(BlobOperations.Unknown))
            return Refusal.PolicyUnknown;
        if (operations == BlobOperations.None)
            return null; // a batch: its parts are judged
        if (policy.Containers is not null && container is null)
            return Refusal.PolicyAccount;
        if (container is not null && !policy.Names(container))
            return Refusal.PolicyContainer;
        var beyond = operations & ~policy.Operations;
        return beyond == BlobOperations.None ? null : Refusal.ForPolicy(beyond.First());
    }

    private Refusal? Settle(UpstreamAccount account, PolicyOptions policy, BlobOperations operations, Refusal? denied)
    {
        if (denied is null)
            return null;
        metrics.PolicyDenied(account.Name, operations.First().Word(), policy.ReportOnly);
        if (!policy.ReportOnly)
            return denied;
        ProxyLog.PolicyWouldRefuse(logger, account.Name, operations.Words(), denied.Reason, denied.Sentence);
        return null;
    }
}
