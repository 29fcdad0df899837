using System.Security.Cryptography;
using System.Text;

namespace TokenBroker.Tests.Fuzzing;

/// <summary>
/// The texts that clients sign, written a second time from the service's documents ("Authorize with Shared Key", "Create a
/// service SAS", "Create an account SAS") and not from the product: signs in the generator, verifies in the oracle.
/// </summary>
internal static class SignatureDocument
{
    private static readonly byte[] Key = [.. Enumerable.Range(0, 64).Select(i => (byte)(i * 37))];

    public static string KeyText { get; } = Convert.ToBase64String(Key);

    public static string Sign(string text) => Convert.ToBase64String(HMACSHA256.HashData(Key, Encoding.Latin1.GetBytes(text)));

    public static string SharedKey(SignedReading one)
    {
        string Header(string name) => one.Header(name) ?? "";
        var isOld = string.CompareOrdinal(Header("x-ms-version"), "2015-02-21") < 0 && Header("x-ms-version").Length > 0;
        var length = Header("Content-Length") is "0" && !isOld ? "" : Header("Content-Length");
        var date = Header("x-ms-date").Length > 0 ? "" : Header("Date");
        var text = new StringBuilder(one.Method).Append('\n');
        foreach (var value in (string[])
            [Header("Content-Encoding"), Header("Content-Language"), length, Header("Content-MD5"), Header("Content-Type"), date,
             Header("If-Modified-Since"), Header("If-Match"), Header("If-None-Match"), Header("If-Unmodified-Since"), Header("Range")])
            text.Append(value).Append('\n');
        foreach (var (name, value) in one.Headers.Select(header => (header[0].ToLowerInvariant(), header[1].Trim()))
            .Where(header => header.Item1.StartsWith("x-ms-", StringComparison.Ordinal)).OrderBy(header => header.Item1, StringComparer.Ordinal))
            text.Append(name).Append(':').Append(value).Append('\n');
        text.Append('/').Append(one.Account).Append(one.Path);
        foreach (var (name, value) in one.Parameters.OrderBy(pair => pair.Name, StringComparer.Ordinal))
            text.Append('\n').Append(name).Append(':').Append(value);
        return text.ToString();
    }

    public static string AccountSas(SignedReading one)
    {
        string P(string name) => one.Parameter(name) ?? "";
        var text = $"{one.Account}\n{P("sp")}\n{P("ss")}\n{P("srt")}\n{P("st")}\n{P("se")}\n{P("sip")}\n{P("spr")}\n{P("sv")}\n";
        return IsFrom(P("sv"), "2020-12-06") ? text + P("ses") + "\n" : text;
    }

    public static string ServiceSas(SignedReading one)
    {
        string P(string name) => one.Parameter(name) ?? "";
        var kind = P("sr");
        var resource = $"/blob/{one.Account}/{one.Container}" + (kind == "c" ? "" : "/" + one.Blob);
        var snapshot = kind switch { "bs" => P("snapshot"), "bv" => P("versionid"), _ => "" };
        var text = $"{P("sp")}\n{P("st")}\n{P("se")}\n{resource}\n{P("si")}\n{P("sip")}\n{P("spr")}\n{P("sv")}\n";
        if (IsFrom(P("sv"), "2018-11-09"))
            text += $"{kind}\n{snapshot}\n";
        if (IsFrom(P("sv"), "2020-12-06"))
            text += $"{P("ses")}\n";
        return text + $"{P("rscc")}\n{P("rscd")}\n{P("rsce")}\n{P("rscl")}\n{P("rsct")}";
    }

    private static bool IsFrom(string version, string first) => string.CompareOrdinal(version, first) >= 0;
}
