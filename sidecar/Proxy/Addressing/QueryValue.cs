namespace TokenBroker.Proxy.Addressing;

/// <summary>Reads one parameter of a raw query that passed <see cref="QueryRules"/>.</summary>
internal static class QueryValue
{
    /// <returns>The value, decoded once as storage does; null if the parameter is not there.</returns>
    public static string? Of(ReadOnlySpan<char> query, string name) => Raw(query, name) is { } raw ? Uri.UnescapeDataString(raw) : null;

    /// <returns>The value as it stands; null if the parameter is not there.</returns>
    public static string? Raw(ReadOnlySpan<char> query, string name)
    {
        if (query.Length <= 1)
            return null;
        query = query[1..];
        foreach (var range in query.Split('&'))
        {
            var pair = query[range];
            if (QueryRules.NameOf(pair).Equals(name, StringComparison.OrdinalIgnoreCase))
                return pair.Length > name.Length ? pair[(name.Length + 1)..].ToString() : "";
        }

        return null;
    }
}
