using System.Buffers;
using System.Text;

namespace TokenBroker.Proxy.Rewriting.Batch;

/// <summary>
/// Reads a batch's body into its parts: any boundary of RFC 2046, and line ends of CRLF or of LF. What two readers could take for
/// different requests is refused: the sidecar would check one of them and storage could run the other.
/// </summary>
internal sealed class BatchReader
{
    /// <summary>Storage's own limits.</summary>
    public const int MaxParts = 256;
    public const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>Our own: a part that an SDK writes has about ten.</summary>
    private const int MaxHeaders = 100;

    private static readonly SearchValues<char> Control = SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(i => (char)i), '\x7f']);

    private readonly BatchLines _lines;
    private readonly List<BatchPart> _parts = [];
    private BatchLine? _line;
    private LineEnd? _lineEnd;

    private BatchReader(BatchLines lines) => _lines = lines;

    /// <param name="contentType">The outer request's Content-Type; null if it has none, or more than one.</param>
    /// <param name="body">The whole body.</param>
    /// <param name="parts">The parts, at least one.</param>
    /// <returns>The refusal; null if there is none.</returns>
    public static Refusal? Read(string? contentType, ReadOnlySpan<byte> body, out IReadOnlyList<BatchPart> parts)
    {
        parts = [];
        if (BatchBoundary.Read(contentType, out var boundary) is { } invalid)
            return Refusal.ForBatch(invalid);
        var reader = new BatchReader(new(Encoding.Latin1.GetString(body), boundary));
        var (fault, isOfPart) = reader.ReadAll();
        parts = reader._parts;
        return fault is not null ? Refusal.ForBatch(fault, isOfPart ? parts.Count + 1 : null)
            : parts.Count > MaxParts ? Refusal.BatchTooManyParts
            : null;
    }

    private (string? Fault, bool IsOfPart) ReadAll()
    {
        Next();
        if (SkipText(BatchFault.Start) is { } early)
            return (early, false);
        if (_line?.Kind != LineKind.Delimiter)
            return (BatchFault.Start, false);
        while (_line?.Kind == LineKind.Delimiter && _parts.Count <= MaxParts)
        {
            if (ReadPart() is { } fault)
                return (fault, true);
        }

        if (_parts.Count > MaxParts)
            return (null, false);
        Next(); // after the closing delimiter
        return (SkipText(BatchFault.AfterEnd) ?? (_line is null ? null : BatchFault.AfterEnd), false);
    }

    /// <summary>
    /// Text before the first part and after the last is ignored (RFC 2046, section 5.1.1). Lines that look like another boundary
    /// are refused: they could begin parts that the client means.
    /// </summary>
    private string? SkipText(string fault)
    {
        while (_line is { Kind: LineKind.Text } line)
        {
            if (line.Text.StartsWith("--", StringComparison.Ordinal))
                return fault;
            Next();
        }

        return _line?.Kind == LineKind.NearDelimiter ? BatchFault.NearBoundary : null;
    }

    /// <summary>Reads from one delimiter's line to the next, and adds the part only if all of it is right.</summary>
    private string? ReadPart()
    {
        Next();
        _lineEnd = _line?.End;
        BatchPart? part = null;
        var fault = ReadHeaders(BatchFault.Envelope, out var envelope) ?? CheckEnvelope(envelope, out var contentId)
            ?? ReadRequest(contentId, out part) ?? ReadToDelimiter();
        if (part is not null && fault is null)
            _parts.Add(part);
        return fault;
    }

    private string? ReadRequest(string? contentId, out BatchPart? part)
    {
        part = null;
        // The request may end its lines with LF within an envelope of CRLF: a library that writes text into a MIME writer.
        if (_lineEnd == LineEnd.CrLf)
            _lineEnd = _line?.End;
        if (_line is not { Kind: LineKind.Text } line)
            return _line?.Kind switch { null => BatchFault.End, LineKind.NearDelimiter => BatchFault.NearBoundary, _ => BatchFault.RequestLine };
        if (CheckEnd(line) is { } mixed)
            return mixed;
        if (line.Text.Split(' ') is not [{ Length: > 0 } method, { Length: > 0 } target, "HTTP/1.1"] || !method.All(char.IsAsciiLetterUpper))
            return BatchFault.RequestLine;
        Next();
        if (ReadHeaders(BatchFault.Header, out var headers) is { } fault)
            return fault;
        part = new(contentId, method, target, headers);
        return null;
    }

    /// <summary>The last blank line may be the delimiter's own beginning, and then ends as the delimiter's lines do.</summary>
    private string? ReadToDelimiter()
    {
        while (_line is { IsBlank: true })
            Next();
        return _line?.Kind switch
        {
            null => BatchFault.End,
            LineKind.Text => BatchFault.Body,
            LineKind.NearDelimiter => BatchFault.NearBoundary,
            _ => null,
        };
    }

    /// <summary>The MIME headers may say that the part is a request, give its ID, and name the only version of MIME. Nothing else.</summary>
    private static string? CheckEnvelope(List<KeyValuePair<string, string>> envelope, out string? contentId)
    {
        contentId = null;
        var isRequest = false;
        foreach (var (name, value) in envelope)
        {
            switch (name.ToLowerInvariant())
            {
                case "content-type":
                    isRequest = value.Split(';')[0].Trim().Equals("application/http", StringComparison.OrdinalIgnoreCase);
                    break;
                case "content-transfer-encoding":
                    if (value.ToLowerInvariant() is not ("binary" or "8bit" or "7bit")) // all three change nothing
                        return BatchFault.Encoding;
                    break;
                case "content-id" when value.Length is > 0 and <= 64 && !value.AsSpan().ContainsAnyExceptInRange('\x21', '\x7e'):
                    contentId = value;
                    break;
                case "mime-version" when value == "1.0": // Python's email package writes it
                    break;
                default:
                    return BatchFault.Envelope;
            }
        }

        return isRequest ? null : BatchFault.Envelope;
    }

    /// <summary>
    /// Lines of NAME: VALUE up to a blank one or, behind a request, to the delimiter. No name twice, no line that continues another.
    /// </summary>
    private string? ReadHeaders(string malformed, out List<KeyValuePair<string, string>> headers)
    {
        headers = [];
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        while (_line is { Kind: LineKind.Text, Text.Length: > 0 } line)
        {
            if (CheckEnd(line) is { } mixed)
                return mixed;
            var colon = line.Text.IndexOf(':', StringComparison.Ordinal);
            var value = line.Text.AsSpan(colon + 1).Trim(" \t");
            if (colon <= 0 || !line.Text.AsSpan(0, colon).IsToken() || value.ContainsAny(Control)
                || headers.Count == MaxHeaders || !names.Add(line.Text[..colon]))
                return malformed;
            headers.Add(new(line.Text[..colon], value.ToString()));
            Next();
        }

        return EndOfHeaders();
    }

    private string? EndOfHeaders()
    {
        if (_line is not { } line)
            return BatchFault.End;
        if (!line.IsBlank)
            return null; // a delimiter: the caller judges it
        var end = line.End;
        Next();
        return end == _lineEnd || _line is { Kind: not LineKind.Text } || _line is null ? null : BatchFault.LineEnds;
    }

    private string? CheckEnd(BatchLine line) =>
        line.End == LineEnd.EndOfBody ? BatchFault.End
        : line.End != _lineEnd || line.Text.Contains('\r', StringComparison.Ordinal) ? BatchFault.LineEnds
        : null;

    private void Next() => _line = _lines.Read();
}
