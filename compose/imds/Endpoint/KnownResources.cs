using System.Collections.Frozen;

namespace TokenBroker.Imds.Endpoint;

/// <summary>
/// The resources ("App ID URIs") that the emulated tenant knows, with or without a trailing slash. A scope such as
/// <c>https://storage.azure.com/.default</c> is not a resource and is refused, as the real service does.
/// </summary>
internal sealed class KnownResources(IEnumerable<string> additional)
{
    private static readonly FrozenSet<string> WellKnown = new[]
    {
        "https://storage.azure.com", "e406a681-f3d4-42a8-90b6-c2b029497af1",
        "https://management.azure.com", "https://management.core.windows.net", "https://vault.azure.net",
        "https://graph.microsoft.com", "https://graph.windows.net", "https://database.windows.net",
        "https://servicebus.azure.net", "https://eventhubs.azure.net", "https://cosmos.azure.com",
        "https://ossrdbms-aad.database.windows.net", "https://monitor.azure.com", "https://datalake.azure.net",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly string[] StorageServices = ["blob", "dfs", "queue", "table", "file"];
    private static readonly string[] StorageSuffixes = ["core.windows.net", "core.usgovcloudapi.net", "core.chinacloudapi.cn", "core.cloudapi.de"];

    private readonly FrozenSet<string> _additional = additional.Select(Trim).ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    internal bool Contains(string resource)
    {
        var name = Trim(resource);
        return WellKnown.Contains(name) || _additional.Contains(name) || _additional.Contains("*") || IsStorageAccount(name);
    }

    private static string Trim(string resource) => resource.EndsWith('/') ? resource[..^1] : resource;

    /// <summary>One account's own audience: <c>https://ACCOUNT.blob.core.windows.net</c> and its kin.</summary>
    private static bool IsStorageAccount(string resource)
    {
        if (!resource.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
            return false;
        var labels = resource["https://".Length..].Split('.', 3);
        return labels is [{ Length: >= 3 and <= 24 } account, var service, var suffix]
            && account.All(char.IsAsciiLetterOrDigit)
            && StorageServices.Contains(service, StringComparer.OrdinalIgnoreCase)
            && StorageSuffixes.Contains(suffix, StringComparer.OrdinalIgnoreCase);
    }
}
