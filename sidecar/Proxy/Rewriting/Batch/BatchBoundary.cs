using System.Buffers;

namespace TokenBroker.Proxy.Rewriting.Batch;

/// <summary>
/// Reads the boundary of a batch's Content-Type by RFC 2046, quoted or not. Clients leave out quotes that the rules require. A
/// wrong reading does no harm, because the body then does not contain the boundary.
/// </summary>
internal static class BatchBoundary
{
    private const int MaxLength = 70;

    private static readonly SearchValues<char> Allowed = SearchValues.Create(
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'()+_,-./:=? ");

    /// <returns>A sentence of <see cref="BatchFault"/>; null if there is a boundary.</returns>
    public static string? Read(string? contentType, out string boundary)
    {
        boundary = "";
        var rest = (contentType ?? "").AsSpan();
        var end = rest.IndexOf(';');
        if (!(end < 0 ? rest : rest[..end]).Trim(" \t").Equals("multipart/mixed", StringComparison.OrdinalIgnoreCase))
            return BatchFault.ContentType;
        rest = end < 0 ? [] : rest[(end + 1)..];
        string? found = null;
        while (TryReadParameter(ref rest, out var name, out var value))
        {
            if (!name.StartsWith("boundary", StringComparison.OrdinalIgnoreCase))
                continue;
            // boundary* would be a second spelling of the same parameter (RFC 2231).
            if (found is not null || name.Length > "boundary".Length)
                return BatchFault.Boundary;
            found = value;
        }

        if (rest.Length > 0 || found is null || !IsBoundary(found))
            return BatchFault.Boundary;
        boundary = found;
        return null;
    }

    private static bool IsBoundary(string text) =>
        text.Length is > 0 and <= MaxLength && text[^1] != ' ' && !text.AsSpan().ContainsAnyExcept(Allowed);

    /// <summary>Reads the next parameter. False at the end, and where no parameter can be read: the rest is then not empty.</summary>
    private static bool TryReadParameter(ref ReadOnlySpan<char> rest, out string name, out string value)
    {
        (name, value) = ("", "");
        rest = rest.TrimStart(" \t;");
        var equals = rest.IndexOf('=');
        if (equals < 0)
            return false;
        var token = rest[..equals].TrimEnd(" \t");
        var after = rest[(equals + 1)..].TrimStart(" \t");
        if (!token.IsToken() || !(after is ['"', ..] ? TryReadQuoted(ref after, out value) : TryReadPlain(ref after, out value)))
            return false;
        name = token.ToString();
        rest = after;
        return true;
    }

    private static bool TryReadPlain(ref ReadOnlySpan<char> rest, out string value)
    {
        var end = rest.IndexOf(';');
        var text = end < 0 ? rest : rest[..end];
        rest = end < 0 ? [] : rest[end..];
        value = text.TrimEnd(" \t").ToString();
        return !value.Contains('"', StringComparison.Ordinal); // the semicolon may be inside quotes
    }

    private static bool TryReadQuoted(ref ReadOnlySpan<char> rest, out string value)
    {
        var text = new System.Text.StringBuilder();
        value = "";
        for (var i = 1; i < rest.Length; i++)
        {
            if (rest[i] == '"')
            {
                value = text.ToString();
                rest = rest[(i + 1)..].TrimStart(" \t");
                return rest.IsEmpty || rest[0] == ';';
            }

            if (rest[i] == '\\' && ++i == rest.Length)
                return false;
            text.Append(rest[i]);
        }

        return false;
    }
}
