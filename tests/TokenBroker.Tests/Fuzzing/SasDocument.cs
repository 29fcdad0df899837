using System.Globalization;

namespace TokenBroker.Tests.Fuzzing;

/// <summary>What a SAS allows, by the service's documents ("Specify permissions", "Blob service operations") and not by the product.</summary>
internal static class SasDocument
{
    /// <summary>A SAS's own parameters, of those that are made up here.</summary>
    private static readonly HashSet<string> Sas =
        ["sv", "ss", "srt", "spr", "st", "se", "sip", "si", "sr", "sp", "sig", "skoid", "rscc", "rscd", "rsce", "rscl", "rsct", "ses"];

    private const string Day = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    /// <summary>True if it is signed with the key and everything that it says is kept to.</summary>
    public static bool Allows(SignedReading one)
    {
        var isAccount = one.Parameter("ss") is not null || one.Parameter("srt") is not null;
        var isSigned = one.Parameter("sig") is { } sig
            && sig == SignatureDocument.Sign(isAccount ? SignatureDocument.AccountSas(one) : SignatureDocument.ServiceSas(one));
        return isSigned && !one.Parameters.Any(pair => pair.Value.Contains('\n') || pair.Name is "si" or "skoid")
            && DateOnly.TryParseExact(one.Parameter("sv"), "yyyy-MM-dd", out _) && string.CompareOrdinal(one.Parameter("sv"), "2015-04-05") >= 0
            && IsInTime(one) && one.Parameter("spr") is null or "" or "https,http" && IsFrom(one.Parameter("sip"))
            && (isAccount ? one.Parameter("sr") is null && IsOfAccount(one) : IsOfService(one)) && IsClear(one) && IsPermitted(one, isAccount)
            && (one.Method != "PUT" || string.IsNullOrEmpty(one.Parameter("ses")) || one.Parameter("ses") == one.Header("x-ms-encryption-scope"));
    }

    /// <summary>True if the permission is to create, and not to overwrite.</summary>
    public static bool MustBeNew(SignedReading one) =>
        one.Parameter("sig") is not null && one.Method == "PUT" && one.Blob.Length > 0 && Of(one, "comp") is "" or "incrementalcopy"
        && one.Parameter("sp")?.Contains('w') != true;

    private static bool IsInTime(SignedReading one) =>
        TryParse(one.Parameter("se"), out var end) && SignedSurface.Now <= end
        && (string.IsNullOrEmpty(one.Parameter("st")) || (TryParse(one.Parameter("st"), out var start) && SignedSurface.Now >= start));

    /// <summary>The client is 127.0.0.1.</summary>
    private static bool IsFrom(string? addresses) => addresses is null or "" or "127.0.0.1" or "127.0.0.0-127.0.0.9";

    private static bool IsOfAccount(SignedReading one) =>
        one.Parameter("ss")?.Contains('b') == true && (LevelOf(one) is not { } level || one.Parameter("srt")?.Contains(level) == true);

    /// <summary>Whether the query names a snapshot or a version decides which of them is meant.</summary>
    private static bool IsOfService(SignedReading one)
    {
        var (snapshot, version) = (one.Parameter("snapshot") is not null, one.Parameter("versionid") is not null);
        return one.Parameter("sr") switch
        {
            "c" => one.Container.Length > 0,
            "b" => one.Blob.Length > 0 && !snapshot && !version,
            "bs" => one.Blob.Length > 0 && snapshot && !version,
            "bv" => one.Blob.Length > 0 && version && !snapshot,
            _ => false,
        };
    }

    private static char? LevelOf(SignedReading one) => (one.Container.Length, one.Blob.Length) switch
    {
        _ when Of(one, "restype") == "account" || Of(one, "comp") == "batch" => null, // of every type
        (0, _) => Of(one, "comp") == "blobs" ? 'o' : 's',
        (_, 0) => 'c',
        _ => 'o',
    };

    private static bool IsPermitted(SignedReading one, bool isAccount)
    {
        var given = one.Parameter("sp") ?? "";
        if (!given.Contains('t') && (Has(one, "x-ms-tags", "x-ms-if-tags", "x-ms-source-if-tags") || Of(one, "include").Contains("tags", StringComparison.Ordinal)
            || one.Header("x-ms-copy-source-tag-option") is { } option && !option.Trim().Equals("REPLACE", StringComparison.OrdinalIgnoreCase)))
            return false;
        if (!given.Contains('i') && Has(one, "x-ms-legal-hold", "x-ms-immutability-policy-mode", "x-ms-immutability-policy-until-date"))
            return false;
        if (!given.Contains('w') && Has(one, "x-ms-expiry-option"))
            return false;
        var needed = Needed(one, isAccount);
        return needed == "*" ? given.Length > 0 : given.AsSpan().ContainsAny(needed);
    }

    /// <summary>Nothing that a reader could take for another operation: the data lake's protocol, another method, a second parameter.</summary>
    private static bool IsClear(SignedReading one)
    {
        var own = one.Parameters.Where(pair => !Sas.Contains(pair.Name)).ToList();
        return !Has(one, "X-HTTP-Method", "X-HTTP-Method-Override", "X-Method-Override", "x-ms-rename-source")
            && !own.Any(pair => pair.Name is "action" or "resource" || pair.Name.Contains(';') || pair.Value.Contains(';'))
            && (one.Method != "POST" || own.All(pair => pair.Value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ':')))
            && (one.Method != "HEAD" || Of(one, "comp") is "" or "metadata" or "acl" or "properties");
    }

    private static bool Has(SignedReading one, params string[] headers) => headers.Any(name => one.Header(name) is not null);

    /// <summary>The permissions of which one is needed; none if no SAS will do.</summary>
    private static string Needed(SignedReading one, bool isAccount)
    {
        var method = one.Method == "HEAD" ? "GET" : one.Method;
        var (comp, restType) = (Of(one, "comp"), Of(one, "restype"));
        if (restType == "account")
            return (method, comp) != ("GET", "properties") ? "" : isAccount ? "*" : one.Container.Length > 0 ? "r" : "";
        if (one.Container.Length == 0)
            return isAccount ? ForService(method, restType, comp) : "";
        if (one.Blob.Length == 0)
            return restType == "container" ? ForContainer(one, method, comp, isAccount) : "";
        return restType.Length == 0 ? ForBlob(one, method, comp) : "";
    }

    private static string ForService(string method, string restType, string comp) => (method, restType, comp) switch
    {
        ("GET", "", "list") => "l",
        ("GET", "", "blobs") => "f",
        ("GET", "service", "properties" or "stats") => "r",
        ("PUT", "service", "properties") => "w",
        ("POST", "", "batch") => "*",
        _ => "",
    };

    private static string ForContainer(SignedReading one, string method, string comp, bool isAccount) => (method, comp, isAccount) switch
    {
        ("GET", "list", _) => "l",
        ("GET", "blobs", _) => "f",
        ("POST", "batch", _) => "*",
        ("GET", "" or "metadata", true) => "r",
        ("PUT", "", true) => "cw",
        ("PUT", "metadata" or "undelete", true) => "w",
        ("PUT", "lease", true) => ForLease(one),
        ("DELETE", "", true) => "d",
        _ => "",
    };

    private static string ForBlob(SignedReading one, string method, string comp) => (method, comp) switch
    {
        ("GET", "" or "metadata" or "blocklist" or "pagelist") or ("POST", "query") => "r",
        ("GET" or "PUT", "tags") => "t",
        ("PUT", "" or "incrementalcopy" or "snapshot") => "cw",
        ("PUT", "appendblock") => "aw",
        ("PUT", "lease") => ForLease(one),
        ("PUT", "block" or "blocklist" or "page" or "properties" or "metadata" or "tier" or "undelete" or "copy" or "expiry" or "seal") => "w",
        ("PUT" or "DELETE", "immutabilitypolicies") or ("PUT", "legalhold") => "i",
        ("DELETE", "") => one.Parameter("deletetype") is not null ? "y" : one.Parameter("versionid") is not null ? "x" : "d",
        _ => "",
    };

    /// <summary>A lease may be broken by who may delete.</summary>
    private static string ForLease(SignedReading one) =>
        "break".Equals(one.Header("x-ms-lease-action"), StringComparison.OrdinalIgnoreCase) ? "wd" : "w";

    private static string Of(SignedReading one, string name) => one.Parameter(name)?.ToLowerInvariant() ?? "";

    private static bool TryParse(string? text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(text, Day, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);
}
