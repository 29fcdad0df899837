using System.Globalization;

namespace TokenBroker.Proxy.Addressing;

/// <summary>The address of a copy's source, cut as a string and never decoded.</summary>
/// <param name="Host">The name, or the literal address, without the port.</param>
/// <param name="Port">The port, by default the scheme's.</param>
/// <param name="Target">Path and query as they stand.</param>
internal readonly record struct SourceAddress(string Host, int Port, string Target)
{
    /// <summary>
    /// Takes <c>http://HOST[:PORT][/PATH][?QUERY]</c> and the same with https. User-info, a fragment, a backslash before the
    /// path and anything beyond plain ASCII are ways to make two readers see two hosts, and no client sends them.
    /// </summary>
    public static bool TryParse(string text, out SourceAddress address)
    {
        address = default;
        var scheme = text.StartsWith("https://", StringComparison.OrdinalIgnoreCase) ? 8
            : text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) ? 7
            : 0;
        if (scheme == 0 || text.AsSpan().ContainsAnyExceptInRange('\x21', '\x7e') || text.Contains('#', StringComparison.Ordinal))
            return false;
        var rest = text[scheme..];
        var end = rest.AsSpan().IndexOfAny('/', '?');
        var (authority, target) = end < 0 ? (rest, "/") : (rest[..end], rest[end] == '/' ? rest[end..] : "/" + rest[end..]);
        if (authority.Length == 0 || !authority.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or ':' or '[' or ']'))
            return false;
        var host = Configuration.HostStyle.NameOf(authority).ToString();
        ushort port = (ushort)(scheme == 8 ? 443 : 80);
        if (authority.Length > host.Length
            && !ushort.TryParse(authority.AsSpan(host.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port))
            return false;
        address = new(host, port, target);
        return host.Length > 0;
    }
}
