using System.Diagnostics.CodeAnalysis;

namespace TokenBroker.Upstream;

/// <summary>
/// Builds the address of the request to storage, and checks it against the account's endpoint. This is the last line of
/// defence: for any target, the token is sent only to the account's own host.
/// </summary>
internal static class StorageAddress
{
    /// <param name="endpoint">The account's endpoint, whose path may not be empty.</param>
    /// <param name="path">The raw path after the account; empty, or beginning with a slash.</param>
    /// <param name="query">The raw query without SAS; empty, or beginning with a question mark.</param>
    /// <param name="address">The address, whose path and query are the given bytes.</param>
    public static bool TryBuild(Uri endpoint, string path, string query, [NotNullWhen(true)] out Uri? address)
    {
        var prefix = endpoint.AbsoluteUri.AsSpan().TrimEnd('/');
        // A request line needs a path: the account's own scope is its root.
        var root = path.Length == 0 && endpoint.AbsolutePath == "/" ? "/" : path;
        var options = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true };
        return Uri.TryCreate(string.Concat(prefix, root, query), options, out address) && IsAt(endpoint, address);
    }

    private static bool IsAt(Uri endpoint, Uri address) =>
        address.Scheme == endpoint.Scheme
        && address.Port == endpoint.Port
        && string.Equals(address.IdnHost, endpoint.IdnHost, StringComparison.OrdinalIgnoreCase)
        && address.UserInfo.Length == 0;
}
