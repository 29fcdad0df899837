using System.Buffers;

namespace TokenBroker.Tests.Fuzzing;

/// <summary>
/// Every way in which a reader at storage could take a target apart: escapes decoded once or twice; a backslash
/// and an encoded slash between segments, or not; dot segments resolved; what stands behind a semicolon as a parameter of its
/// own; a plus sign as a space; names and values without regard to case and to blanks around them. More liberal than any
/// reader that exists, and made without a look at the product's rules.
/// </summary>
internal static class Readings
{
    private static readonly SearchValues<char> Plain =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_$/~");

    /// <summary>The segments behind the host, in each reading. The last is empty if the path ends with a slash.</summary>
    public static IEnumerable<IReadOnlyList<string>> OfPath(string path)
    {
        if (!path.AsSpan().ContainsAnyExcept(Plain))
            return [Segments(path)];
        // Decoded first, an encoded slash stands between segments.
        string[] decoded = [Decode(path), Decode(Decode(path))];
        return decoded.Concat(decoded.Select(text => text.Replace('\\', '/'))).Distinct()
            .SelectMany(text => new[] { text, Resolve(text), string.Join('/', text.Split('/').Select(WithoutParameters)) })
            .SelectMany(text => new[] { text, text.ToLowerInvariant() })
            .Distinct().Select(Segments);
    }

    /// <summary>Every name and value that a query could be read to have, both in lower case.</summary>
    public static IReadOnlyList<(string Name, string Value)> OfQuery(string query)
    {
        if (query.Length <= 1)
            return [];
        var all = new List<(string, string)>();
        foreach (var outer in query[1..].Split('&'))
        {
            Add(outer);
            if (outer.Contains(';'))
            {
                foreach (var inner in outer.Split(';'))
                    Add(inner);
            }
        }

        return all;

        void Add(string pair)
        {
            var equals = pair.IndexOf('=');
            var (name, value) = equals < 0 ? (pair, "") : (pair[..equals], pair[(equals + 1)..]);
            foreach (var oneName in Spellings(name))
            {
                foreach (var oneValue in Spellings(value))
                    all.Add((oneName, oneValue));
            }
        }
    }

    /// <summary>What a value could mean.</summary>
    public static IReadOnlyList<string> Spellings(string text)
    {
        if (!text.Contains('%') && !text.Contains('+'))
            return [Tidy(text)];
        var (once, spaced) = (Decode(text), Decode(text.Replace('+', ' ')));
        return [.. new[] { Tidy(once), Tidy(spaced), Tidy(Decode(once)) }.Distinct()];
    }

    public static string Decode(string text) => text.Contains('%') ? Uri.UnescapeDataString(text) : text;

    private static string Tidy(string text) => text.Trim(' ', '\t', '\r', '\n', '\0', '"').ToLowerInvariant();

    private static string[] Segments(string path) => path.Trim() is { Length: > 1 } text ? text.TrimStart('/').Split('/') : [];

    private static string WithoutParameters(string segment) => segment.Split(';')[0];

    private static string Resolve(string path)
    {
        var kept = new List<string>();
        var ends = "";
        foreach (var segment in path.Split('/').Skip(1))
        {
            ends = segment is "." or ".." ? "/" : "";
            if (segment == ".." && kept.Count > 0)
                kept.RemoveAt(kept.Count - 1);
            else if (segment is not ("." or ".."))
                kept.Add(segment);
        }

        return "/" + string.Join('/', kept) + (kept.Count > 0 ? ends : "");
    }
}
