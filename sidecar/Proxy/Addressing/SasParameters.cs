using System.Collections.Frozen;

namespace TokenBroker.Proxy.Addressing;

/// <summary>
/// The query parameters of a shared access signature. Next to a bearer token, storage would at best ignore them and at worst
/// use them instead. They also contain a signature that no log may show.
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

    public static bool Include(ReadOnlySpan<char> name) => Lookup.Contains(name);
}
