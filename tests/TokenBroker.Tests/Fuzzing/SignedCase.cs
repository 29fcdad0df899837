using System.Text.Json.Serialization;

namespace TokenBroker.Tests.Fuzzing;

/// <summary>A request that somebody signed, and perhaps somebody else altered afterwards.</summary>
/// <param name="Method">The method.</param>
/// <param name="Target">The target, with the account in it.</param>
/// <param name="Headers">Its headers.</param>
/// <param name="IsAltered">True if it was altered after it was signed.</param>
internal sealed record SignedCase(string Method, string Target, string[][] Headers, bool IsAltered)
{
    [JsonIgnore]
    public string Account => Target.Split('/', '?') is [_, var account, ..] ? account : "";

    /// <summary>The query's names in lower case, with their values decoded.</summary>
    [JsonIgnore]
    public IReadOnlyList<(string Name, string Value)> Parameters =>
        Target.IndexOf('?', StringComparison.Ordinal) is var question and >= 0
            ? [.. Target[(question + 1)..].Split('&').Where(pair => pair.Length > 0).Select(Pair)]
            : [];

    [JsonIgnore]
    public string Container => Names is [var one] ? (IsOfContainer ? one : "$root") : Names is [var first, ..] ? first : "";

    [JsonIgnore]
    public string Blob => Names is [var one] ? (IsOfContainer ? "" : one) : Names is [_, var blob] ? blob : "";

    private bool IsOfContainer => "container".Equals(Parameter("restype"), StringComparison.OrdinalIgnoreCase);

    /// <summary>Container and blob, decoded; empty for the account.</summary>
    private string[] Names =>
        Target.Split('?')[0].Split('/', 3) is [_, _, { Length: > 0 } rest] ? Latin(rest).Split('/', 2) : [];

    public string? Header(string name)
    {
        var values = Headers.Where(header => header[0].Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header[1]).ToList();
        return values.Count == 0 ? null : string.Join(',', values);
    }

    public string? Parameter(string name) => Parameters.Where(pair => pair.Name == name).Select(pair => pair.Value).FirstOrDefault();

    private static (string, string) Pair(string pair)
    {
        var equals = pair.IndexOf('=', StringComparison.Ordinal);
        var (name, value) = equals < 0 ? (pair.ToLowerInvariant(), "") : (pair[..equals].ToLowerInvariant(), pair[(equals + 1)..]);
        return (name, Latin(name == "sig" ? value : value.Replace('+', ' ')));
    }

    /// <summary>Decoded to bytes, each a character.</summary>
    private static string Latin(string text) =>
        System.Text.RegularExpressions.Regex.Replace(text, "%([0-9A-Fa-f]{2})", match => ((char)Convert.ToByte(match.Groups[1].Value, 16)).ToString());
}
