using System.Buffers;
using System.Text;
using Microsoft.Net.Http.Headers;

namespace TokenBroker.Proxy;

/// <summary>
/// Reads a batch's body into its parts. Strict: what two readers could take for different requests is no batch, since
/// we would judge the one and storage would do the other.
/// </summary>
internal sealed class BatchReader
{
    /// <summary>Storage's own limits.</summary>
    public const int MostParts = 256;
    public const int MostBytes = 4 * 1024 * 1024;

    /// <summary>Our own: a part that an SDK writes has about ten. Each is held against those before it.</summary>
    private const int MostHeaders = 100;

    private static readonly SearchValues<char> Control = SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(i => (char)i), '\x7f']);

    private readonly string[] _lines;
    private readonly string _delimiter;
    private int _next;

    private BatchReader(string[] lines, string delimiter) => (_lines, _delimiter) = (lines, delimiter);

    /// <param name="contentType">The outer request's Content-Type.</param>
    /// <param name="body">The whole body.</param>
    /// <param name="parts">The parts, at least one.</param>
    /// <returns>The refusal; null if there is none.</returns>
    public static Refusal? Read(string? contentType, ReadOnlySpan<byte> body, out IReadOnlyList<BatchPart> parts)
    {
        parts = [];
        if (BoundaryOf(contentType) is not { } boundary)
            return Refusal.BatchMalformed;
        var text = Encoding.Latin1.GetString(body);
        var lines = text.Split("\r\n");
        if (lines.Any(line => line.AsSpan().ContainsAny('\r', '\n')))
            return Refusal.BatchMalformed;
        var read = new List<BatchPart>();
        if (!new BatchReader(lines, "--" + boundary).TryReadAll(read))
            return Refusal.BatchMalformed;
        parts = read;
        return read.Count > MostParts ? Refusal.BatchTooManyParts : null;
    }

    private static string? BoundaryOf(string? contentType)
    {
        if (!MediaTypeHeaderValue.TryParse(contentType, out var type) || !type.MediaType.Equals("multipart/mixed", StringComparison.OrdinalIgnoreCase))
            return null;
        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).ToString();
        return boundary.Length is > 0 and <= 70 && !boundary.AsSpan().ContainsAnyExceptInRange('\x20', '\x7e') && boundary[^1] != ' ' ? boundary : null;
    }

    private bool TryReadAll(List<BatchPart> parts)
    {
        if (Line() != _delimiter)
            return false;
        while (true)
        {
            if (!TryReadPart(out var part))
                return false;
            parts.Add(part);
            SkipEmpty();
            switch (Line())
            {
                case { } line when line == _delimiter:
                    continue;
                case { } line when line == _delimiter + "--":
                    SkipEmpty();
                    return _next == _lines.Length;
                default:
                    return false; // a part with a body, or no end
            }
        }
    }

    private bool TryReadPart(out BatchPart part)
    {
        part = null!;
        if (!TryReadHeaders(out var envelope) || !IsRequest(envelope, out var contentId))
            return false;
        if (Line()?.Split(' ') is not [{ Length: > 0 } method, { Length: > 0 } target, "HTTP/1.1"] || !method.All(char.IsAsciiLetterUpper))
            return false;
        if (!TryReadHeaders(out var headers))
            return false;
        part = new(contentId, method, target, headers);
        return true;
    }

    /// <summary>What stands around a part may say that it is a request, and what it is called. Nothing else.</summary>
    private static bool IsRequest(List<KeyValuePair<string, string>> envelope, out string? contentId)
    {
        contentId = null;
        var isRequest = false;
        foreach (var (name, value) in envelope)
        {
            switch (name.ToLowerInvariant())
            {
                case "content-type":
                    isRequest = value.Equals("application/http", StringComparison.OrdinalIgnoreCase);
                    break;
                case "content-transfer-encoding" when value.Equals("binary", StringComparison.OrdinalIgnoreCase):
                    break;
                case "content-id" when value.Length is > 0 and <= 64 && !value.AsSpan().ContainsAnyExceptInRange('\x21', '\x7e'):
                    contentId = value;
                    break;
                default:
                    return false;
            }
        }

        return isRequest;
    }

    /// <summary>Lines of NAME: VALUE up to an empty one, and not too many. No name twice, no line that continues another.</summary>
    private bool TryReadHeaders(out List<KeyValuePair<string, string>> headers)
    {
        headers = [];
        while (Line() is { } line)
        {
            if (line.Length == 0)
                return true;
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0 || !line.AsSpan(0, colon).IsToken() || line.AsSpan(colon + 1).ContainsAny(Control))
                return false;
            var name = line[..colon];
            if (headers.Count == MostHeaders || headers.Exists(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)))
                return false;
            headers.Add(new(name, line[(colon + 1)..].Trim(' ')));
        }

        return false; // the end came first
    }

    private string? Line() => _next < _lines.Length ? _lines[_next++] : null;

    private void SkipEmpty()
    {
        while (_next < _lines.Length && _lines[_next].Length == 0)
            _next++;
    }
}
