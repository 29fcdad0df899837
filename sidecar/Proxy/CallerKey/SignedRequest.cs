using System.Net;
using System.Text;
using TokenBroker.Proxy.Addressing;

namespace TokenBroker.Proxy.CallerKey;

/// <summary>What a caller signed: a request, a part of a batch, or the address of a copy's source.</summary>
/// <param name="Method">The method.</param>
/// <param name="Target">The raw target as the client wrote it: in path-style with the account.</param>
/// <param name="Route">Where it goes.</param>
/// <param name="Headers">Its headers, each byte a character; names without regard to case.</param>
/// <param name="Peer">Who is connected.</param>
/// <param name="IsHttps">How.</param>
internal sealed record SignedRequest(
    string Method, string Target, Route Route, IReadOnlyDictionary<string, string> Headers, IPAddress? Peer, bool IsHttps)
{
    /// <summary>The path as it was signed.</summary>
    public string Path => Target.Split('?', 2)[0];

    public string Header(string name) => Headers.GetValueOrDefault(name) ?? "";

    /// <summary>The query's parameters, names in lower case, values decoded to their bytes.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Parameters { get; } = [.. (Route.Query.Length > 0 ? Route.Query[1..] : "").Split('&')
        .Where(pair => pair.Length > 0)
        .Select(pair => pair.Split('=', 2))
        .Select(pair => (Name: pair[0].ToLowerInvariant(), Value: pair.Length > 1 ? pair[1] : ""))
        .Select(pair => KeyValuePair.Create(pair.Name, Decode(pair.Value, plusIsSpace: pair.Name != "sig"))) // base64 has the plus sign
        .OrderBy(pair => pair.Key, StringComparer.Ordinal)];

    public string? Parameter(string name)
    {
        foreach (var (key, value) in Parameters)
        {
            if (key == name)
                return value;
        }

        return null;
    }

    /// <summary>
    /// Percent-decodes once, each byte to a character: bytes are what is signed, and no two of them become the same. What is no
    /// escape stays.
    /// </summary>
    public static string Decode(string text, bool plusIsSpace)
    {
        var decoded = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '%' && i + 2 < text.Length && char.IsAsciiHexDigit(text[i + 1]) && char.IsAsciiHexDigit(text[i + 2]))
            {
                decoded.Append((char)Convert.ToByte(text.Substring(i + 1, 2), 16));
                i += 2;
            }
            else
            {
                decoded.Append(text[i] == '+' && plusIsSpace ? ' ' : text[i]);
            }
        }

        return decoded.ToString();
    }
}
