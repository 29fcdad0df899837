using System.Globalization;
using System.Text;

namespace TokenBroker.Proxy.CallerKey;

/// <summary>
/// The text that a SharedKey signature is made of: the Blob service's, of version 2009-09-19 and later. Clients write it in
/// slightly different ways where the published rules leave room. All of them cover the same request.
/// </summary>
internal static class SharedKeyText
{
    /// <summary>From this version on, an empty body's length is signed as nothing.</summary>
    private const string EmptyForZero = "2015-02-21";

    private static readonly string[] Signed =
    [
        "Content-Encoding", "Content-Language", "Content-Length", "Content-MD5", "Content-Type", "Date",
        "If-Modified-Since", "If-Match", "If-None-Match", "If-Unmodified-Since", "Range",
    ];

    /// <summary>
    /// The orders in which clients write x-ms- headers: by bytes; Python's, where the underscore comes first; storage's own and
    /// JavaScript's, where hyphens count only between names that are equal without them. Each makes its keys once per name.
    /// </summary>
    private static readonly Func<List<KeyValuePair<string, string>>, IEnumerable<KeyValuePair<string, string>>>[] Orders =
    [
        headers => headers.OrderBy(header => header.Key, StringComparer.Ordinal),
        headers => headers.OrderBy(header => header.Key.Replace('_', '.'), StringComparer.Ordinal),
        headers => headers.OrderBy(header => header.Key.Replace("-", "", StringComparison.Ordinal).Replace('_', '.'), StringComparer.Ordinal)
            .ThenBy(header => header.Key.Replace('-', '~'), StringComparer.Ordinal),
    ];

    /// <summary>
    /// Every text that a client may have signed for this request; nearly always one. A caller without the key makes the sidecar
    /// write all of them, so headers are sorted once per order.
    /// </summary>
    public static IEnumerable<byte[]> Of(BlobRequest request)
    {
        var headers = request.Headers.Where(header => header.Key.StartsWith("x-ms-", StringComparison.OrdinalIgnoreCase))
            .Select(header => KeyValuePair.Create(header.Key.ToLowerInvariant(), header.Value.ToString().Trim())).ToList();
        var resource = Resource(request);
        // With x-ms-date, a Date that a library added afterwards is not signed.
        string[] dates = Value(request, "x-ms-date").Length == 0 ? [Value(request, "Date")] : [.. new[] { "", Value(request, "Date") }.Distinct()];
        var beginnings = Array.ConvertAll(dates, date => Beginning(request, date));
        foreach (var lines in Orders.Select(order => Written(order(headers))).Distinct(StringComparer.Ordinal))
        {
            var isAscii = Ascii.IsValid(lines);
            foreach (var beginning in beginnings)
            {
                yield return Encoding.Latin1.GetBytes($"{beginning}\n{lines}{resource}");
                // Some libraries sign a header's characters as UTF-8 and send them as Latin-1; others sign the bytes that they send.
                if (!isAscii || !Ascii.IsValid(beginning))
                    yield return [.. Encoding.UTF8.GetBytes($"{beginning}\n{lines}"), .. Encoding.Latin1.GetBytes(resource)];
            }
        }
    }

    private static string Beginning(BlobRequest request, string date) =>
        string.Join('\n', [request.Method, .. Signed.Select(name => name switch
        {
            "Date" => date,
            "Content-Length" => Length(request),
            _ => Value(request, name),
        })]);

    private static string Length(BlobRequest request)
    {
        var length = Value(request, "Content-Length");
        var version = Value(request, "x-ms-version");
        return length == "0" && (version.Length == 0 || string.CompareOrdinal(version, EmptyForZero) >= 0) ? "" : length;
    }

    private static string Value(BlobRequest request, string header) => request.Header(header) ?? "";

    private static string Written(IEnumerable<KeyValuePair<string, string>> headers)
    {
        var lines = new StringBuilder();
        foreach (var (name, value) in headers)
            lines.Append(name).Append(':').Append(value).Append('\n');
        return lines.ToString();
    }

    /// <summary>The account once more before the path as it stands: a path-style path has it twice.</summary>
    private static string Resource(BlobRequest request) =>
        string.Concat(["/", request.Account.Name, request.SignedPath, .. request.Query.Signed.Select(pair => string.Create(CultureInfo.InvariantCulture, $"\n{pair.Key}:{pair.Value}"))]);
}
