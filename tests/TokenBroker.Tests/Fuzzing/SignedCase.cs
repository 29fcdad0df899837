using System.Text;

namespace TokenBroker.Tests.Fuzzing;

/// <summary>A request that somebody signed, and perhaps somebody else altered afterwards.</summary>
/// <param name="Method">The method.</param>
/// <param name="Target">The target, with the account in it.</param>
/// <param name="Headers">Its headers.</param>
/// <param name="IsAltered">True if it was altered after it was signed.</param>
internal sealed record SignedCase(string Method, string Target, string[][] Headers, bool IsAltered);

/// <summary>The same, taken apart as the service's documents say.</summary>
internal sealed class SignedReading
{
    private readonly SignedCase _one;

    public SignedReading(SignedCase one)
    {
        _one = one;
        var (path, query) = one.Target.Split('?', 2) is [var before, var behind] ? (before, behind) : (one.Target, "");
        Path = path;
        var name = path.Split('/') is [_, var account, ..] ? account : "";
        Account = name.EndsWith("-secondary", StringComparison.Ordinal) ? name[..^10] : name;
        Parameters = [.. query.Split('&').Where(pair => pair.Length > 0).Select(Pair)];
        string[] names = path.Split('/', 3) is [_, _, { Length: > 0 } rest] ? Latin(rest).Split('/', 2) : [];
        // The account's properties are asked for with a container's address as well, and signed for that container.
        var isOfContainer = Parameter("restype")?.ToLowerInvariant() is "container" or "account";
        (Container, Blob) = names switch
        {
            [] => ("", ""),
            [var single] => isOfContainer ? (single, "") : ("$root", single),
            [var first, var second, ..] => (first, second),
        };
    }

    public string Method => _one.Method;

    public string[][] Headers => _one.Headers;

    public string Path { get; }

    /// <summary>The same for the secondary, which is the account's own.</summary>
    public string Account { get; }

    /// <summary>Names in lower case, values decoded to bytes, each a character.</summary>
    public IReadOnlyList<(string Name, string Value)> Parameters { get; }

    public string Container { get; }

    public string Blob { get; }

    public string? Header(string name)
    {
        string? all = null;
        foreach (var header in _one.Headers)
        {
            if (header[0].Equals(name, StringComparison.OrdinalIgnoreCase))
                all = all is null ? header[1] : $"{all},{header[1]}";
        }

        return all;
    }

    public string? Parameter(string name)
    {
        foreach (var pair in Parameters)
        {
            if (pair.Name == name)
                return pair.Value;
        }

        return null;
    }

    private static (string, string) Pair(string pair)
    {
        var equals = pair.IndexOf('=', StringComparison.Ordinal);
        var (name, value) = equals < 0 ? (pair.ToLowerInvariant(), "") : (pair[..equals].ToLowerInvariant(), pair[(equals + 1)..]);
        return (name, Latin(name == "sig" ? value : value.Replace('+', ' ')));
    }

    private static string Latin(string text)
    {
        var pieces = text.Split('%');
        var decoded = new StringBuilder(pieces[0]);
        foreach (var piece in pieces.Skip(1))
        {
            if (piece.Length >= 2 && char.IsAsciiHexDigit(piece[0]) && char.IsAsciiHexDigit(piece[1]))
                decoded.Append((char)Convert.ToByte(piece[..2], 16)).Append(piece, 2, piece.Length - 2);
            else
                decoded.Append('%').Append(piece);
        }

        return decoded.ToString();
    }
}
