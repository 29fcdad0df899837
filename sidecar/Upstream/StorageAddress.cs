using System.Diagnostics.CodeAnalysis;

namespace TokenBroker.Upstream;

/// <summary>
/// Builds the address that storage is asked for, and holds it against the account's endpoint. The last line of defence:
/// whatever a target may look like, the token goes to the account's own host or nowhere.
/// </summary>
internal static class StorageAddress
{
    /// <param name="endpoint">The account's endpoint, whose path may not be empty.</param>
    /// <param name="path">The raw path behind the account; empty, or beginning with a slash.</param>
    /// <param name="query">The raw query without SAS; empty, or beginning with a question mark.</param>
    /// <param name="address">The address, whose path and query are the given bytes.</param>
    public static bool TryBuild(Uri endpoint, string path, string query, [NotNullWhen(true)] out Uri? address)
    {
        var prefix = endpoint.AbsoluteUri.TrimEnd('/');
        // A request line needs a path: the account's own scope is its root.
        var root = path.Length == 0 && endpoint.AbsolutePath == "/" ? "/" : path;
        var options = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true };
        return Uri.TryCreate(prefix + root + query, options, out address) && IsAt(endpoint, address);
    }

    private static bool IsAt(Uri endpoint, Uri address) =>
        address.Scheme == endpoint.Scheme
        && address.Port == endpoint.Port
        && string.Equals(address.IdnHost, endpoint.IdnHost, StringComparison.OrdinalIgnoreCase)
        && address.UserInfo.Length == 0;
}
