using System.Net;

namespace TokenBroker.TestSupport.Storage;

/// <summary>Where a request points: host-style (<c>acct.blob.core.windows.net/c/b</c>), as Azure, or path-style (<c>127.0.0.1/acct/c/b</c>), as its emulators.</summary>
internal sealed record StorageAddress(string Account, string Container, string Blob, IReadOnlyDictionary<string, string> Query)
{
    public static StorageAddress Parse(string rawTarget, string host)
    {
        var mark = rawTarget.IndexOf('?', StringComparison.Ordinal);
        var path = (mark < 0 ? rawTarget : rawTarget[..mark]).TrimStart('/');
        var account = AccountOf(host);
        if (account is null)
            (account, path) = Cut(path);
        var (container, blob) = Cut(path);
        // Azure reads a backslash as a slash.
        return new StorageAddress(Primary(account), Uri.UnescapeDataString(container), Uri.UnescapeDataString(blob).Replace('\\', '/'),
            ParseQuery(mark < 0 ? "" : rawTarget[(mark + 1)..]));
    }

    private static string? AccountOf(string host)
    {
        var colon = host.LastIndexOf(':');
        var name = colon > 0 && !host.EndsWith(']') ? host[..colon] : host;
        return !IPAddress.TryParse(name.Trim('[', ']'), out _) && name.Contains('.') ? name[..name.IndexOf('.', StringComparison.Ordinal)] : null;
    }

    // The secondary endpoint serves the same blobs.
    private static string Primary(string account) => account.EndsWith("-secondary", StringComparison.Ordinal) ? account[..^"-secondary".Length] : account;

    private static (string First, string After) Cut(string path)
    {
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? (path, "") : (path[..slash], path[(slash + 1)..]);
    }

    public static Dictionary<string, string> ParseQuery(string query)
    {
        var parameters = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var parameter in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = parameter.Split('=', 2);
            parameters[Uri.UnescapeDataString(parts[0])] = parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "";
        }
        return parameters;
    }
}
