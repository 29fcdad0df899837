using Microsoft.Extensions.Primitives;

namespace TokenBroker.Proxy;

/// <summary>
/// The options that a Connection header may name. An offer of another protocol may be ignored (RFC 9110, section 7.8). Any other
/// option names a header to drop on the way, which could be one that storage must see.
/// </summary>
internal static class ConnectionOption
{
    private static readonly string[] Kept = ["close", "keep-alive", "TE"];

    private static readonly string[] Offers = ["Upgrade", "HTTP2-Settings"];

    /// <summary>True if the header names nothing but known options.</summary>
    public static bool AreKnown(StringValues values)
    {
        foreach (var value in values)
        {
            if (Named(value ?? "").Any(option => !Is(option, Kept) && !Is(option, Offers)))
                return false;
        }

        return true;
    }

    /// <summary>
    /// What the server should read. It puts a known option in the place of all lines of the header, but not two of them: unknown
    /// options stay visible beside both. Offers are left out, since it would take an offered request's body for the other
    /// protocol's.
    /// </summary>
    public static string Reduce(string value)
    {
        var named = Named(value).ToList();
        var unknown = named.FindAll(option => !Is(option, Kept) && !Is(option, Offers));
        return string.Join(", ", unknown.Count > 0 ? ["close", "keep-alive", .. unknown] : named.FindAll(option => Is(option, Kept)));
    }

    private static IEnumerable<string> Named(string value) =>
        value.Split(',').Select(option => option.Trim(' ', '\t')).Where(option => option.Length > 0);

    private static bool Is(string option, string[] known) => known.Contains(option, StringComparer.OrdinalIgnoreCase);
}
