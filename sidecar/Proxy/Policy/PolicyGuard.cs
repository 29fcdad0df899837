using TokenBroker.Configuration;
using TokenBroker.Proxy.Addressing;
using TokenBroker.Proxy.Rewriting.Batch;
using TokenBroker.Proxy.Telemetry;

namespace TokenBroker.Proxy.Policy;

/// <summary>
/// Holds what will be sent against the account's policy: a request, every part of a batch, and every source of a copy. A
/// policy that only reports refuses nothing, and says what it would.
/// </summary>
internal sealed class PolicyGuard(ProxyMetrics metrics, ILogger<PolicyGuard> logger)
{
    /// <param name="account">The account.</param>
    /// <param name="asked">What the request does, as it will be sent.</param>
    /// <returns>The refusal; null if the request may be sent.</returns>
    public Refusal? Check(UpstreamAccount account, RequestedOperation asked) =>
        account.Options.Policy is { } policy ? Settle(account, policy, asked.Operations, Judge(policy, asked)) : null;

    /// <summary>A copy reads its source, and its tags if they are copied or a condition names them.</summary>
    /// <param name="source">Where the source is.</param>
    /// <param name="header">A header of the copy's by its name; null if it is not there.</param>
    public Refusal? CheckSource(Route source, Func<string, string?> header)
    {
        if (source.Account.Options.Policy is not { } policy)
            return null;
        var operations = BlobOperations.Read;
        foreach (var addition in OperationTable.AdditionsOfSource(header))
            operations |= addition.Operations;
        if (PathRules.HidesDotSegment(source.Path))
            operations |= BlobOperations.Unknown;
        var denied = Judge(policy, new(operations, RequestedOperation.ContainerOf(source.Path)));
        return Settle(source.Account, policy, operations, denied is null ? null : Refusal.PolicyCopySource);
    }

    /// <summary>A source that is none of ours is not judged, unless storage may take it for one that is.</summary>
    /// <param name="alike">The accounts that it may be taken for.</param>
    public Refusal? CheckElsewhere(IEnumerable<UpstreamAccount> alike) =>
        alike.Select(account => account.Options.Policy is { } policy ? Settle(account, policy, BlobOperations.Read, Refusal.PolicyCopySource) : null)
            .FirstOrDefault(refusal => refusal is not null);

    private static Refusal? Judge(PolicyOptions policy, RequestedOperation asked)
    {
        if (asked.Operations.HasFlag(BlobOperations.Unknown))
            return Refusal.PolicyUnknown;
        if (asked.Operations == BlobOperations.None)
            return null; // a batch: its parts are judged
        if (policy.Containers is not null && asked.Container is null)
            return Refusal.PolicyAccount;
        if (asked.Container is { } container && !policy.Names(container))
            return Refusal.PolicyContainer;
        var beyond = asked.Operations & ~policy.Operations;
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

/// <summary>Reads a header for the policy: several values are one text, which is none of those that mean something.</summary>
internal static class PolicyHeaders
{
    public static Func<string, string?> Of(IHeaderDictionary headers) =>
        name => headers.TryGetValue(name, out var values) ? values.ToString() : null;

    public static Func<string, string?> Of(BatchPart part) =>
        name => part.Headers.FirstOrDefault(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;
}
