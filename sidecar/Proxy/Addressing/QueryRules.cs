namespace TokenBroker.Proxy.Addressing;

/// <summary>
/// What a query must not hold: a second spelling of a parameter's name, or a second value for it, either of which
/// storage might read otherwise than we do. No real client sends them.
/// </summary>
internal static class QueryRules
{
    /// <summary>A List Blobs request with an account SAS has about twenty.</summary>
    public const int MostParameters = 64;

    /// <param name="query">From the question mark on, or empty.</param>
    public static Refusal? Check(ReadOnlySpan<char> query)
    {
        if (query.Length <= 1)
            return null;
        query = query[1..];
        if (query.Count('&') >= MostParameters)
            return Refusal.ParametersTooMany;
        var outer = query.Split('&');
        foreach (var range in outer)
        {
            var name = NameOf(query[range]);
            if (name.Contains('%'))
                return Refusal.ParameterEncoded;
            if (!name.IsEmpty && IsRepeated(query[range.End..], name))
                return Refusal.ParameterRepeated;
        }

        return null;
    }

    public static ReadOnlySpan<char> NameOf(ReadOnlySpan<char> pair)
    {
        var equals = pair.IndexOf('=');
        return equals < 0 ? pair : pair[..equals];
    }

    /// <summary>Queries have few parameters: looking ahead is cheaper than a set.</summary>
    private static bool IsRepeated(ReadOnlySpan<char> rest, ReadOnlySpan<char> name)
    {
        foreach (var range in rest.Split('&'))
        {
            if (NameOf(rest[range]).Equals(name, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }
}
