namespace TokenBroker.Proxy.Addressing;

/// <summary>
/// What a path behind the account must not hold. Everything else in a blob's name passes as the client sent it.
/// </summary>
internal static class PathRules
{
    public static Refusal? Check(BlobPath path)
    {
        if (HasBrokenEscape(path.Raw))
            return Refusal.TargetEscape;
        if (HasDotSegment(path.Raw))
            return Refusal.DotSegment;
        if (path.IsAccount)
            return null;
        return path.RawFirst.IsEmpty ? Refusal.ContainerMissing
            : IsPlain(path.RawFirst) ? null
            : Refusal.NameEncoded;
    }

    /// <summary>True if a reader that decodes a path once more than storage does finds a dot segment in it.</summary>
    public static bool HidesDotSegment(BlobPath path) =>
        path.Raw.Contains("%25", StringComparison.Ordinal) && HasDotSegment(Uri.UnescapeDataString(path.Raw));

    /// <summary>Servers read such a sign in ways of their own (<c>%u002e</c> as a dot), and no client that encodes sends one.</summary>
    private static bool HasBrokenEscape(ReadOnlySpan<char> path)
    {
        for (var i = path.IndexOf('%'); i >= 0; i = path.IndexOf('%'))
        {
            if (path.Length < i + 3 || !char.IsAsciiHexDigit(path[i + 1]) || !char.IsAsciiHexDigit(path[i + 2]))
                return true;
            path = path[(i + 3)..];
        }

        return false;
    }

    /// <summary>
    /// Storage resolves <c>.</c> and <c>..</c> in every spelling, and reads a backslash as a slash. They could
    /// bypass a policy, and the client would get another blob than it meant.
    /// </summary>
    private static bool HasDotSegment(ReadOnlySpan<char> path)
    {
        var dots = 0;
        var others = 0;
        for (var i = 0; i < path.Length;)
        {
            var (symbol, length) = Read(path[i..]);
            i += length;
            if (symbol is '/' or '\\')
            {
                if (others == 0 && dots is 1 or 2)
                    return true;
                (dots, others) = (0, 0);
            }
            else if (symbol == '.')
            {
                dots++;
            }
            else
            {
                others++;
            }
        }

        return others == 0 && dots is 1 or 2;
    }

    /// <summary>The next character, with the three that matter here decoded.</summary>
    private static (char Symbol, int Length) Read(ReadOnlySpan<char> rest)
    {
        if (rest[0] != '%' || rest.Length < 3)
            return (rest[0], 1);
        return (rest[1], rest[2]) switch
        {
            ('2', 'f' or 'F') => ('/', 3),
            ('5', 'c' or 'C') => ('\\', 3),
            ('2', 'e' or 'E') => ('.', 3),
            _ => ('%', 1),
        };
    }

    /// <summary>True if nothing is encoded but the dollar sign of <c>$root</c>, <c>$web</c> and <c>$logs</c>.</summary>
    private static bool IsPlain(ReadOnlySpan<char> name)
    {
        for (var i = name.IndexOf('%'); i >= 0; i = name.IndexOf('%'))
        {
            if (!name[i..].StartsWith("%24"))
                return false;
            name = name[(i + 3)..];
        }

        return !name.Contains('\\');
    }
}
