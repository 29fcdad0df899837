using System.Diagnostics;
using System.Text.Json;
using TokenBroker.Local.Azurite;

namespace TokenBroker.Local;

/// <summary>What an environment is made of. Null for a part that was not started.</summary>
public sealed record ComponentVersions(string? Sidecar, string? Azurite, string? Node)
{
    internal static ComponentVersions Of(LocalEnvironmentOptions options, NodeInstallation? node) => new(
        options.StartSidecar ? FileVersionInfo.GetVersionInfo(RecordedPaths.Sidecar).ProductVersion : null,
        options.StartAzurite ? ReadAzuriteVersion() : null,
        node?.Version);

    private static string? ReadAzuriteVersion()
    {
        using var package = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(RecordedPaths.AzuriteDirectory, "package.json")));
        return package.RootElement.GetProperty("dependencies").GetProperty("azurite").GetString();
    }
}
