namespace TokenBroker.Proxy.Rewriting.Batch;

/// <summary>How a line of a batch ends.</summary>
internal enum LineEnd
{
    CrLf,
    Lf,
    EndOfBody,
}

/// <summary>What a line of a batch is to the boundary.</summary>
internal enum LineKind
{
    Text,
    Delimiter,
    ClosingDelimiter,

    /// <summary>It starts like a delimiter, but is longer: some readers would take it for one.</summary>
    NearDelimiter,
}

/// <summary>A line of a batch, without its end.</summary>
internal readonly record struct BatchLine(string Text, LineEnd End, LineKind Kind)
{
    public bool IsBlank => Kind == LineKind.Text && Text.Length == 0;
}

/// <summary>The lines of a batch's body, one after the other. A line ends with CRLF or with LF.</summary>
internal sealed class BatchLines(string body, string boundary)
{
    private readonly string _delimiter = "--" + boundary;
    private int _next;

    /// <returns>The next line; null at the end of the body.</returns>
    public BatchLine? Read()
    {
        if (_next >= body.Length)
            return null;
        var feed = body.IndexOf('\n', _next);
        var end = feed < 0 ? LineEnd.EndOfBody : feed > _next && body[feed - 1] == '\r' ? LineEnd.CrLf : LineEnd.Lf;
        var text = body[_next..(end switch { LineEnd.CrLf => feed - 1, LineEnd.Lf => feed, _ => body.Length })];
        _next = feed < 0 ? body.Length : feed + 1;
        return new(text, end, KindOf(text));
    }

    /// <summary>A delimiter may have blanks after it (RFC 2046, transport padding).</summary>
    private LineKind KindOf(string text)
    {
        if (!text.StartsWith(_delimiter, StringComparison.Ordinal))
            return LineKind.Text;
        return text.AsSpan(_delimiter.Length).TrimEnd(" \t") switch
        {
            "" => LineKind.Delimiter,
            "--" => LineKind.ClosingDelimiter,
            _ => LineKind.NearDelimiter,
        };
    }
}
