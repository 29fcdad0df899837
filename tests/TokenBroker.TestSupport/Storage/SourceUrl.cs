using System.Globalization;
using System.Net;

namespace TokenBroker.TestSupport.Storage;

/// <summary>
/// Reads <c>x-ms-copy-source</c> by its characters alone, as no URL class does: only an address of the service itself leads
/// anywhere, so that a test sees every source that storage could not have read, or would have read elsewhere.
/// </summary>
internal static class SourceUrl
{
    private const int MaxLength = 2048;

    /// <summary>Null with an error if it is no URL (400), or one of another service (404: it could not be verified).</summary>
    public static StorageAddress? Resolve(StorageRequest request, out StorageError? error)
    {
        error = StorageError.InvalidHeader;
        var headers = request.Context.Request.Headers["x-ms-copy-source"];
        if (headers is not [{ Length: <= MaxLength } url] || url.Any(character => character is <= ' ' or > '~' or '#' or '\\' or '"' or '<' or '>'))
            return null;
        // The tests that want to see the wire have the stub speak plain http.
        var scheme = request.Context.Request.IsHttps ? "https://" : "http://";
        if (url.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
            scheme = "https://";
        if (!url.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
            return null;
        var end = url.IndexOfAny(['/', '?'], scheme.Length);
        if (end < 0 || url[end] != '/')
            return null;
        var authority = url[scheme.Length..end];
        if (authority.Contains('@', StringComparison.Ordinal) || !TrySplit(authority, out var host, out var port))
            return null;
        error = StorageError.CopySource(404);
        return IsOwn(request, host, port) && StorageAddress.Parse(url[end..], host) is var address && request.Service.Accounts.ContainsKey(address.Account) ? address : null;
    }

    // Path-style at the stub's own port; host-style there or where https lives.
    private static bool IsOwn(StorageRequest request, string host, int? port)
    {
        var ownPort = request.Context.Connection.LocalPort;
        if (host == "localhost" || IPAddress.TryParse(host, out _))
            return port == ownPort;
        const string suffix = ".blob.core.windows.net";
        var isAccount = host.EndsWith(suffix, StringComparison.Ordinal) && !host[..^suffix.Length].Contains('.', StringComparison.Ordinal);
        return (port is null or 443 || port == ownPort) && (isAccount || request.Service.Names.Contains(host, StringComparer.OrdinalIgnoreCase));
    }

    private static bool TrySplit(string authority, out string host, out int? port)
    {
        var colon = authority.LastIndexOf(':');
        if (colon < 0 || authority.EndsWith(']'))
            colon = authority.Length;
        (host, port) = (authority[..colon], null);
        if (colon == authority.Length)
            return host.Length > 0;
        var isPort = int.TryParse(authority.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        port = number;
        return isPort && host.Length > 0;
    }
}
