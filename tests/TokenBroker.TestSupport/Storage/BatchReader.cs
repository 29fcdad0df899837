using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Net.Http.Headers;

namespace TokenBroker.TestSupport.Storage;

/// <summary>
/// Reads the body of a batch, and takes nothing that is not written exactly as the service's documents say: a proxy that
/// writes it anew must not lean on a reader's kindness. It is the stub's own, so that it cannot share a fault with the product.
/// </summary>
internal static partial class BatchReader
{
    private const string CrLf = "\r\n";

    /// <summary>The parts in their order; null if the body is malformed.</summary>
    public static List<BatchPart>? Read(string? contentType, byte[] body)
    {
        var text = Encoding.Latin1.GetString(body);
        if (Boundary(contentType) is not { } boundary || LoneLineEnd().IsMatch(text) || Split(text, "--" + boundary) is not { Count: > 0 } pieces)
            return null;
        var parts = new List<BatchPart>();
        foreach (var piece in pieces)
        {
            if (ReadPart(piece) is not { } part || parts.Any(other => other.ContentId == part.ContentId))
                return null;
            parts.Add(part);
        }
        return parts;
    }

    private static string? Boundary(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type) && type.MediaType == "multipart/mixed"
        && HeaderUtilities.RemoveQuotes(type.Boundary).Value is { Length: > 0 and <= 70 } boundary
            ? boundary
            : null;

    // No preamble, no epilogue, and nothing behind a delimiter on its line.
    private static List<string>? Split(string text, string delimiter)
    {
        if (!text.StartsWith(delimiter + CrLf, StringComparison.Ordinal))
            return null;
        var pieces = new List<string>();
        var start = delimiter.Length + CrLf.Length;
        while (true)
        {
            var end = text.IndexOf(CrLf + delimiter, start, StringComparison.Ordinal);
            if (end < 0)
                return null;
            pieces.Add(text[start..end]);
            start = end + CrLf.Length + delimiter.Length;
            var rest = text.AsSpan(start);
            if (rest is "--" or "--\r\n")
                return pieces;
            if (!rest.StartsWith(CrLf, StringComparison.Ordinal))
                return null;
            start += CrLf.Length;
        }
    }

    private static BatchPart? ReadPart(string piece)
    {
        var lines = piece.Split(CrLf);
        var blank = Array.IndexOf(lines, "");
        if (blank < 0 || ReadHeaders(lines[..blank]) is not { Count: 3 } headers)
            return null;
        if (!"application/http".Equals(Value(headers, "Content-Type"), StringComparison.OrdinalIgnoreCase)
            || !"binary".Equals(Value(headers, "Content-Transfer-Encoding"), StringComparison.OrdinalIgnoreCase)
            || Value(headers, "Content-ID") is not { Length: > 0 } contentId)
            return null;
        return ReadRequest(contentId, lines[(blank + 1)..]);
    }

    private static BatchPart? ReadRequest(string contentId, string[] lines)
    {
        // The empty line behind the headers may be missing, but no body may follow it.
        var end = Array.IndexOf(lines, "");
        var head = end < 0 ? lines : lines[..end];
        if (end >= 0 && lines[end..].Any(line => line.Length > 0))
            return null;
        if (head.Length == 0 || RequestLine().Match(head[0]) is not { Success: true } line || ReadHeaders(head[1..]) is not { } headers)
            return null;
        // The version is the batch's.
        if (Value(headers, "x-ms-version") is not null || Value(headers, "Content-Length") is not (null or "0") || Value(headers, "Transfer-Encoding") is not null)
            return null;
        var bytes = Encoding.Latin1.GetBytes(string.Join(CrLf, head) + CrLf + CrLf);
        return new BatchPart(contentId, line.Groups[1].Value, line.Groups[2].Value, headers, bytes);
    }

    // Null if a line is no header, or a name stands twice.
    private static List<KeyValuePair<string, string>>? ReadHeaders(string[] lines)
    {
        var headers = new List<KeyValuePair<string, string>>();
        foreach (var line in lines)
        {
            if (Header().Match(line) is not { Success: true } header || Value(headers, header.Groups[1].Value) is not null)
                return null;
            headers.Add(new(header.Groups[1].Value, header.Groups[2].Value.Trim(' ', '\t')));
        }
        return headers;
    }

    private static string? Value(List<KeyValuePair<string, string>> headers, string name) =>
        headers.Find(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    [GeneratedRegex(@"(?<!\r)\n|\r(?!\n)")]
    private static partial Regex LoneLineEnd();

    // A path, and no host.
    [GeneratedRegex(@"^([A-Z]+) (/[\x21-\x7E]*) HTTP/1\.1\z")]
    private static partial Regex RequestLine();

    [GeneratedRegex(@"^([A-Za-z0-9!#$%&'*+.^_`|~-]+):([^\x00-\x08\x0A-\x1F\x7F]*)\z")]
    private static partial Regex Header();
}
