using System.Text;
using TokenBroker.Proxy.Addressing;

namespace TokenBroker.Proxy.CallerKey;

/// <summary>The text that a shared access signature is made of, by the version that it names.</summary>
internal static class SasText
{
    private const string First = "2015-04-05";
    private const string WithResource = "2018-11-09";
    private const string WithScope = "2020-12-06";

    /// <summary>
    /// True for a version whose text is known. A newer version is assumed to use the newest known text. If it signs more, the
    /// signature does not verify.
    /// </summary>
    public static bool IsKnown(string version) =>
        DateOnly.TryParseExact(version, "yyyy-MM-dd", out _) && string.CompareOrdinal(version, First) >= 0;

    public static byte[] OfAccount(BlobRequest request)
    {
        var query = request.Query;
        string?[] fields =
        [
            request.Account.Name, .. Values(query, "sp", "ss", "srt", "st", "se", "sip", "spr", "sv"),
            .. IsSince(query, WithScope) ? Values(query, "ses") : [],
        ];
        return Bytes([.. fields, ""]);
    }

    public static byte[] OfService(BlobRequest request)
    {
        var query = request.Query;
        var kind = query.SignedValue("sr");
        var name = $"/blob/{request.Account.Name}/{request.Container}{(kind == "c" ? "" : "/" + RawText.DecodeBytes(request.RawBlob, plusIsSpace: false))}";
        string?[] version = IsSince(query, WithResource)
            ? [kind, kind switch { "bs" => query.SignedValue("snapshot"), "bv" => query.SignedValue("versionid"), _ => "" }]
            : [];
        return Bytes(
        [
            .. Values(query, "sp", "st", "se"), name, .. Values(query, "si", "sip", "spr", "sv"), .. version,
            .. IsSince(query, WithScope) ? Values(query, "ses") : [],
            .. Values(query, "rscc", "rscd", "rsce", "rscl", "rsct"),
        ]);
    }

    /// <summary>True if the kind of resource, and which snapshot or version, is part of the text.</summary>
    public static bool SignsResource(string version) => string.CompareOrdinal(version, WithResource) >= 0;

    private static bool IsSince(BlobQuery query, string version) => string.CompareOrdinal(query.SignedValue("sv"), version) >= 0;

    private static IEnumerable<string?> Values(BlobQuery query, params string[] names) => names.Select(query.SignedValue);

    private static byte[] Bytes(string?[] fields) => Encoding.Latin1.GetBytes(string.Join('\n', fields));
}
