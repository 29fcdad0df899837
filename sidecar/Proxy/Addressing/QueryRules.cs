namespace TokenBroker.Proxy.Addressing;

/// <summary>
/// What a query must not contain: an encoded parameter name, or a parameter given twice. Storage might read either one
/// differently than the sidecar does. No real client sends them.
/// </summary>
internal static class QueryRules
{
    /// <summary>A List Blobs request with an account SAS has about twenty.</summary>
    public const int MaxParameters = 64;

    public static Refusal? Check(BlobQuery query)
    {
        var parameters = query.Parameters;
        if (parameters.Length > MaxParameters)
            return Refusal.ParametersTooMany;
        for (var i = 0; i < parameters.Length; i++)
        {
            var name = parameters[i].Name;
            if (name.Contains('%'))
                return Refusal.ParameterEncoded;
            if (!name.IsEmpty && Has(parameters[(i + 1)..], name))
                return Refusal.ParameterRepeated;
        }

        return null;
    }

    /// <summary>Queries have few parameters: looking ahead is cheaper than a set.</summary>
    private static bool Has(ReadOnlySpan<QueryParameter> parameters, ReadOnlySpan<char> name)
    {
        foreach (ref readonly var parameter in parameters)
        {
            if (parameter.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }
}
