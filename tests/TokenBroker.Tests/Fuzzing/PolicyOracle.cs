using TokenBroker.Configuration;

namespace TokenBroker.Tests.Fuzzing;

/// <summary>
/// Says what storage could be made to do by a request as it is sent, by the documents of the Blob service and by every reading
/// of <see cref="Readings"/>, and whether any of it is outside of a policy.
/// </summary>
internal static class PolicyOracle
{
    private static readonly string[] MethodOverrides = ["x-http-method", "x-http-method-override", "x-method-override"];

    private static readonly string[] Overrides = ["x-ms-rename-source"];

    /// <summary>A request that is let through.</summary>
    /// <param name="policy">The account's policy; null if it has none.</param>
    /// <param name="method">The method.</param>
    /// <param name="path">The path as it is sent, behind the account.</param>
    /// <param name="query">The query as it is sent.</param>
    /// <param name="headers">The headers as they are sent, by name in lower case.</param>
    /// <returns>True if a reader may take it for a batch, whose parts must then have been judged.</returns>
    public static bool Check(PolicyOptions? policy, string method, string path, string query, IReadOnlyDictionary<string, string> headers)
    {
        var parameters = Readings.OfQuery(query);
        FuzzViolation.If(method == "POST" && policy?.Operations.HasFlag(BlobOperations.Delegate) != true
            && parameters.Any(parameter => parameter is ("comp", "userdelegationkey" or "session")), "A user delegation key or a session can be had.");
        FuzzViolation.If(method == "POST" && !parameters.Any(parameter => parameter is ("comp", "batch" or "query" or "userdelegationkey" or "session")), "It can do whatever a POST may come to do.");
        FuzzViolation.If(MethodOverrides.Any(headers.ContainsKey), "Another method can be meant.");
        var isBatch = method == "POST" && parameters.Contains(("comp", "batch"));
        if (policy is null)
            return isBatch;
        FuzzViolation.If(Overrides.Any(headers.ContainsKey), "Another protocol can be meant.");
        FuzzViolation.If(parameters.Any(parameter => parameter.Name is "action" or "resource"), "The data lake's protocol can be meant.");
        foreach (var segments in Readings.OfPath(path))
        {
            foreach (var comp in ValuesOf(parameters, "comp"))
            {
                foreach (var restType in ValuesOf(parameters, "restype"))
                    CheckReading(policy, new(method, segments, restType, comp, parameters, headers));
            }
        }

        return isBatch;
    }

    /// <summary>A blob that is copied with the account's own rights.</summary>
    public static void CheckSource(PolicyOptions policy, string path)
    {
        FuzzViolation.If(!policy.Operations.HasFlag(BlobOperations.Read), "A source can be read against the policy.");
        foreach (var segments in Readings.OfPath(path))
        {
            var container = segments.Count switch { 0 => null, 1 => "$root", _ => segments[0] };
            FuzzViolation.If(policy.Containers is not null && !IsNamed(policy, container), $"A source in container '{container}' can be read against the policy.");
        }
    }

    private static void CheckReading(PolicyOptions policy, RequestReading reading)
    {
        foreach (var (container, operations) in reading.Meanings())
        {
            var beyond = operations & ~policy.Operations;
            FuzzViolation.If(beyond != BlobOperations.None, $"It can be read as {operations} in '{container}': {beyond} is not in the policy.");
            FuzzViolation.If(policy.Containers is not null && operations != BlobOperations.None && !IsNamed(policy, container),
                $"It can be read as {operations} in '{container}', which is not in the policy.");
        }
    }

    private static bool IsNamed(PolicyOptions policy, string? container) => container is not null && policy.Containers!.Any(pattern =>
        pattern[^1] == '*' ? container.StartsWith(pattern[..^1], StringComparison.Ordinal) : container == pattern);

    private static List<string> ValuesOf(IReadOnlyList<(string Name, string Value)> parameters, string name)
    {
        var values = parameters.Where(parameter => parameter.Name == name).Select(parameter => parameter.Value).Distinct().ToList();
        return values.Count == 0 ? [""] : values;
    }
}
