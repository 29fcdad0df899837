using System.Globalization;
using System.Runtime.InteropServices;
using TokenBroker.Local;

namespace TokenBroker.Client.Demo;

/// <summary>The environment of the measurements: the `environment` of the JSON file.</summary>
internal sealed record RunFacts(
    string Os, string Architecture, int Cores, string DotnetVersion, string? TokenbrokerVersion, string? AzuriteVersion, string? NodeVersion,
    string Date, IReadOnlyDictionary<string, int> SamplesPerSizeBytes, IReadOnlyList<string> Failures)
{
    public static RunFacts Of(ComponentVersions versions, DemoSettings settings, IEnumerable<ComparisonRow> rows) => new(
        RuntimeInformation.OSDescription,
        RuntimeInformation.OSArchitecture.ToString(),
        Environment.ProcessorCount,
        Environment.Version.ToString(),
        versions.Sidecar,
        versions.Azurite,
        versions.Node,
        TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        settings.Sizes.ToDictionary(size => size.ToString(CultureInfo.InvariantCulture), settings.SamplesOf),
        [.. rows.Where(row => row.Failure is not null).Select(row => $"{row.Operation.Name()} {row.SizeBytes}: {row.Failure}")]);
}
