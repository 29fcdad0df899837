using System.Text;

namespace TokenBroker.Proxy.CallerKey;

/// <summary>The text that a shared access signature is made of, by the version that it names.</summary>
internal static class SasText
{
    private const string First = "2015-04-05";
    private const string WithResource = "2018-11-09";
    private const string WithScope = "2020-12-06";

    /// <summary>
    /// True for a version whose text is known. One that is newer than this code is taken to be written as the newest that it
    /// knows: were more signed than that, the signature would not verify.
    /// </summary>
    public static bool IsKnown(string version) =>
        DateOnly.TryParseExact(version, "yyyy-MM-dd", out _) && string.CompareOrdinal(version, First) >= 0;

    public static byte[] OfAccount(SignedRequest request)
    {
        string?[] fields =
        [
            request.Route.Account.Name, .. Values(request, "sp", "ss", "srt", "st", "se", "sip", "spr", "sv"),
            .. IsSince(request, WithScope) ? Values(request, "ses") : [],
        ];
        return Bytes([.. fields, ""]);
    }

    /// <param name="request">The request.</param>
    /// <param name="resource">Its container and blob, decoded.</param>
    public static byte[] OfService(SignedRequest request, SasResource resource)
    {
        var kind = request.Parameter("sr");
        var name = $"/blob/{request.Route.Account.Name}/{resource.Container}{(kind == "c" ? "" : "/" + resource.Blob)}";
        string?[] version = IsSince(request, WithResource)
            ? [kind, kind switch { "bs" => request.Parameter("snapshot"), "bv" => request.Parameter("versionid"), _ => "" }]
            : [];
        return Bytes(
        [
            .. Values(request, "sp", "st", "se"), name, .. Values(request, "si", "sip", "spr", "sv"), .. version,
            .. IsSince(request, WithScope) ? Values(request, "ses") : [],
            .. Values(request, "rscc", "rscd", "rsce", "rscl", "rsct"),
        ]);
    }

    /// <summary>True if the kind of resource, and which snapshot or version, is part of the text.</summary>
    public static bool SignsResource(string version) => string.CompareOrdinal(version, WithResource) >= 0;

    private static bool IsSince(SignedRequest request, string version) => string.CompareOrdinal(request.Parameter("sv"), version) >= 0;

    private static IEnumerable<string?> Values(SignedRequest request, params string[] names) => names.Select(request.Parameter);

    private static byte[] Bytes(string?[] fields) => Encoding.Latin1.GetBytes(string.Join('\n', fields));
}
