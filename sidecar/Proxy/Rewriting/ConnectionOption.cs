using Microsoft.Extensions.Primitives;

namespace TokenBroker.Proxy.Rewriting;

/// <summary>
/// The options that a Connection header may name. An offer of another protocol may be ignored (RFC 9110, section 7.8). Any other
/// option names a header to drop on the way, which could be one that storage must see.
/// </summary>
internal static class ConnectionOption
{
    private static readonly string[] Kept = ["close", "keep-alive", "TE"];

    private static readonly string[] Offers = ["Upgrade", "HTTP2-Settings"];

    /// <summary>
    /// The server puts a known option in the place of all lines of the header, but not two of them: an unknown one stays visible
    /// beside both.
    /// </summary>
    private const string Unknown = "close, keep-alive, unknown";

    /// <summary>True if the header names nothing but known options.</summary>
    public static bool AreKnown(StringValues values)
    {
        foreach (var value in values)
        {
            if (!TryRead(value, out _))
                return false;
        }

        return true;
    }

    /// <summary>
    /// What the server should read: the known options, once each. Offers are left out, since it would take an offered request's
    /// body for the other protocol's.
    /// </summary>
    public static string Reduce(ReadOnlySpan<char> value) => TryRead(value, out var kept) ? string.Join(", ", kept) : Unknown;

    /// <summary>Linear in a value of any length, since nothing is known of the caller yet.</summary>
    private static bool TryRead(ReadOnlySpan<char> value, out List<string> kept)
    {
        kept = [];
        foreach (var range in value.Split(','))
        {
            var option = value[range].Trim(" \t");
            if (Find(option, Kept) is { } known)
            {
                if (!kept.Contains(known))
                    kept.Add(known);
            }
            else if (!option.IsEmpty && Find(option, Offers) is null)
            {
                return false;
            }
        }

        return true;
    }

    private static string? Find(ReadOnlySpan<char> option, string[] known)
    {
        foreach (var candidate in known)
        {
            if (option.Equals(candidate, StringComparison.OrdinalIgnoreCase))
                return candidate;
        }

        return null;
    }
}
