using System.Collections.Frozen;
using System.Text;
using TokenBroker.Proxy.Addressing;

namespace TokenBroker.Proxy.CallerKey;

/// <summary>
/// The query parameters of a shared access signature. Beside a bearer token they would at best be ignored by storage, at
/// worst take its place; and they hold a signature that no log should see.
/// </summary>
internal static class SasParameters
{
    /// <summary>The names that the Azure SDKs treat as parts of a SAS. No other blob operation uses any of them.</summary>
    private static readonly FrozenSet<string> Names = FrozenSet.Create(StringComparer.OrdinalIgnoreCase,
        "sv", "ss", "srt", "spr", "st", "se", "sip", "si", "sr", "sp", "sig",
        "skoid", "sktid", "skt", "ske", "sks", "skv", "skdutid",
        "rscc", "rscd", "rsce", "rscl", "rsct",
        "saoid", "suoid", "scid", "sdd", "ses", "sduoid", "srh", "srq");

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Lookup =
        Names.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The query without them: every other byte stays as and where it was.</summary>
    /// <param name="query">From the question mark on, or empty.</param>
    /// <param name="version">The value of <c>sv</c>: the version of the protocol that a SAS client speaks; null if none.</param>
    public static string Strip(string query, out string? version)
    {
        version = null;
        if (query.Length <= 1)
            return query;
        StringBuilder? kept = null;
        var pairs = query.AsSpan(1);
        foreach (var range in pairs.Split('&'))
        {
            var pair = pairs[range];
            var name = QueryRules.NameOf(pair);
            if (!Lookup.Contains(name))
            {
                kept?.Append(kept.Length == 0 ? '?' : '&').Append(pair);
                continue;
            }

            if (name.Equals("sv", StringComparison.OrdinalIgnoreCase) && pair.Length > 3)
                version = pair[3..].ToString();
            kept ??= new StringBuilder(query, 0, Math.Max(0, range.Start.Value), query.Length);
        }

        return kept?.ToString() ?? query;
    }
}
