using System.Globalization;
using System.Text;

namespace TokenBroker.Proxy;

/// <summary>
/// The text that a SharedKey signature is made of: the Blob service's, of version 2009-09-19 and later. Clients write it in
/// slightly different ways where the published rules leave room; each of those says the same about the request.
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

    private static readonly Comparison<string>[] Orders = [string.CompareOrdinal, UnderscoresFirst, AsWords];

    /// <summary>Every text that a client may have signed for this request; nearly always one.</summary>
    public static IEnumerable<byte[]> Of(SignedRequest request)
    {
        var headers = request.Headers.Where(header => header.Key.StartsWith("x-ms-", StringComparison.OrdinalIgnoreCase))
            .Select(header => KeyValuePair.Create(header.Key.ToLowerInvariant(), header.Value.Trim())).ToList();
        var resource = Resource(request);
        // With x-ms-date, a Date that a library added afterwards is not signed.
        string[] dates = request.Header("x-ms-date").Length == 0 ? [request.Header("Date")] : [.. new[] { "", request.Header("Date") }.Distinct()];
        foreach (var date in dates)
        {
            var beginning = Beginning(request, date);
            foreach (var order in Orders.Select(order => Sorted(headers, order)).Distinct(StringComparer.Ordinal))
            {
                var text = $"{beginning}\n{order}{resource}";
                yield return Encoding.Latin1.GetBytes(text);
                // Some libraries sign a header's characters as UTF-8 and send them as Latin-1; others sign the bytes that they send.
                if (!Ascii.IsValid(beginning + order))
                    yield return [.. Encoding.UTF8.GetBytes($"{beginning}\n{order}"), .. Encoding.Latin1.GetBytes(resource)];
            }
        }
    }

    private static string Beginning(SignedRequest request, string date) =>
        string.Join('\n', [request.Method, .. Signed.Select(name => name switch
        {
            "Date" => date,
            "Content-Length" => Length(request),
            _ => request.Header(name),
        })]);

    private static string Length(SignedRequest request)
    {
        var length = request.Header("Content-Length");
        var version = request.Header("x-ms-version");
        return length == "0" && (version.Length == 0 || string.CompareOrdinal(version, EmptyForZero) >= 0) ? "" : length;
    }

    private static string Sorted(List<KeyValuePair<string, string>> headers, Comparison<string> order) =>
        string.Concat(headers.OrderBy(header => header.Key, Comparer<string>.Create(order)).Select(header => $"{header.Key}:{header.Value}\n"));

    /// <summary>The account once more before the path as it stands: a path-style path has it twice.</summary>
    private static string Resource(SignedRequest request) =>
        string.Concat(["/", request.Route.Account.Name, request.Path, .. request.Parameters.Select(pair => string.Create(CultureInfo.InvariantCulture, $"\n{pair.Key}:{pair.Value}"))]);

    /// <summary>Python's order: as the bytes have it, but for the underscore.</summary>
    private static int UnderscoresFirst(string left, string right) => string.CompareOrdinal(left.Replace('_', '.'), right.Replace('_', '.'));

    /// <summary>Storage's own order, and JavaScript's: hyphens count only between names that are equal without them.</summary>
    private static int AsWords(string left, string right)
    {
        var without = UnderscoresFirst(left.Replace("-", "", StringComparison.Ordinal), right.Replace("-", "", StringComparison.Ordinal));
        return without != 0 ? without : string.CompareOrdinal(left.Replace('-', '~'), right.Replace('-', '~'));
    }
}
