using System.Collections.Frozen;

namespace TokenBroker.Imds.Endpoint;

/// <summary>The api-versions that are accepted: those of the metadata service from 2018-02-01 on, the first with identities.</summary>
internal static class ApiVersions
{
    private static readonly string[] Known =
    [
        "2018-02-01", "2018-04-02", "2018-10-01", "2019-02-01", "2019-03-11", "2019-04-30", "2019-06-01", "2019-06-04",
        "2019-08-01", "2019-08-15", "2019-11-01", "2020-06-01", "2020-07-15", "2020-09-01", "2020-10-01", "2020-12-01",
        "2021-01-01", "2021-02-01", "2021-03-01", "2021-05-01", "2021-10-01", "2021-11-01", "2021-11-15", "2021-12-13",
        "2023-07-01", "2023-11-15", "2024-03-15", "2024-07-17", "2025-04-07",
    ];

    private static readonly FrozenSet<string> Set = Known.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>What the refusal of an unknown version offers, newest first.</summary>
    internal static IReadOnlyList<string> Newest { get; } = [Known[^1], Known[^2], Known[^3]];

    internal static bool Contains(string? version) => version is not null && Set.Contains(version);
}
