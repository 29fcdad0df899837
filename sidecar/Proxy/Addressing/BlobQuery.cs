using System.Text;

namespace TokenBroker.Proxy.Addressing;

/// <summary>
/// A query, read once: its parameters in the client's order, each as raw text and decoded. Every step reads parameters here, so
/// no two steps can read one query differently. A query that passed <see cref="QueryRules"/> has each name once.
/// </summary>
internal sealed class BlobQuery
{
    public static readonly BlobQuery Empty = new("");

    private readonly QueryParameter[] _parameters;
    private string? _sent;
    private KeyValuePair<string, string>[]? _signed;

    /// <param name="raw">The query from its question mark on, as the client sent it; empty if there is none.</param>
    private BlobQuery(string raw) => (Raw, _parameters) = (raw, Cut(raw));

    /// <summary>The query from its question mark on, as the client sent it; empty if there is none.</summary>
    public string Raw { get; }

    public ReadOnlySpan<QueryParameter> Parameters => _parameters;

    /// <summary>The query for storage: without a SAS. Every other byte is unchanged.</summary>
    public string Sent => _sent ??= WithoutSas();

    /// <summary>
    /// The parameters as signatures cover them: names in lower case, values decoded to their bytes, ordered by name.
    /// </summary>
    public IReadOnlyList<KeyValuePair<string, string>> Signed => _signed ??= Sign();

    /// <summary>True if the query has a SAS.</summary>
    public bool HasSignature => Has("sig");

    /// <summary>The version of the SAS: a client that sends no <c>x-ms-version</c> means this one. Null if there is none.</summary>
    public string? SasVersion => RawValue("sv") is { Length: > 0 } version ? version : null;

    public static BlobQuery Of(string raw) => raw.Length == 0 ? Empty : new(raw);

    /// <summary>Cuts a raw request target into its path and query.</summary>
    public static (string Path, BlobQuery Query) OfTarget(string target)
    {
        var question = target.IndexOf('?', StringComparison.Ordinal);
        return question < 0 ? (target, Empty) : (target[..question], new(target[question..]));
    }

    /// <returns>The value, decoded once as storage does; empty for a parameter without a value; null if it is missing.</returns>
    public string? this[string name] => RawValue(name) is { } raw ? Uri.UnescapeDataString(raw) : null;

    /// <returns>The value as the client wrote it; empty for a parameter without a value; null if it is missing.</returns>
    public string? RawValue(string name)
    {
        foreach (ref readonly var parameter in Parameters)
        {
            if (parameter.Is(name))
                return parameter.RawValue.ToString();
        }

        return null;
    }

    public bool Has(string name)
    {
        foreach (ref readonly var parameter in Parameters)
        {
            if (parameter.Is(name))
                return true;
        }

        return false;
    }

    /// <returns>A value of <see cref="Signed"/>; null if the parameter is missing.</returns>
    /// <param name="name">A name in lower case.</param>
    public string? SignedValue(string name)
    {
        foreach (var (key, value) in Signed)
        {
            if (key == name)
                return value;
        }

        return null;
    }

    private static QueryParameter[] Cut(string raw)
    {
        if (raw.Length <= 1)
            return [];
        // QueryRules refuses a query with more parameters. The last slice then has the rest, so such a query costs no memory.
        var parameters = new QueryParameter[Math.Min(raw.AsSpan().Count('&'), QueryRules.MaxParameters) + 1];
        var start = 1;
        for (var i = 0; i < parameters.Length; i++)
        {
            var end = i == QueryRules.MaxParameters ? -1 : raw.IndexOf('&', start);
            if (end < 0)
                end = raw.Length;
            var equals = raw.AsSpan(start, end - start).IndexOf('=');
            parameters[i] = new(raw, start, equals < 0 ? end : start + equals, end);
            start = end + 1;
        }

        return parameters;
    }

    private string WithoutSas()
    {
        if (!_parameters.Any(static parameter => parameter.IsSas))
            return Raw;
        var kept = new StringBuilder(Raw.Length);
        foreach (ref readonly var parameter in Parameters)
        {
            if (!parameter.IsSas)
                kept.Append(kept.Length == 0 ? '?' : '&').Append(parameter.Text);
        }

        return kept.ToString();
    }

    private KeyValuePair<string, string>[] Sign() =>
    [
        .. _parameters.Where(static parameter => parameter.Text.Length > 0)
            .Select(static parameter => (Name: parameter.Name.ToString().ToLowerInvariant(), parameter))
            // The base64 text of a signature contains plus signs.
            .Select(static pair => KeyValuePair.Create(pair.Name, RawText.DecodeBytes(pair.parameter.RawValue, plusIsSpace: pair.Name != "sig")))
            .OrderBy(static pair => pair.Key, StringComparer.Ordinal),
    ];
}
