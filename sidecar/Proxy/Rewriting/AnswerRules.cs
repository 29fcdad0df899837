namespace TokenBroker.Proxy.Rewriting;

/// <summary>The parts of storage's answer that cannot be relayed unchanged.</summary>
internal static class AnswerRules
{
    /// <summary>Headers that say something of the sidecar. Storage cannot set them, and is not sent them.</summary>
    public static bool IsOwn(string header) => header.StartsWith("x-tokenbroker-", StringComparison.OrdinalIgnoreCase);

    /// <exception cref="InvalidOperationException">The status does not end a request: 101 switches to another protocol, which was not requested.</exception>
    public static void Check(HttpResponseMessage? response)
    {
        if (response is not null && (int)response.StatusCode < StatusCodes.Status200OK)
            throw new InvalidOperationException("Storage's answer has an interim status.");
    }

    /// <summary>Removes headers that the server would refuse to write when it is too late to report an error.</summary>
    /// <returns>False if the answer has no body.</returns>
    public static bool Apply(HttpResponse response)
    {
        var headers = response.Headers;
        Remove(headers, IsOwn);
        if (response.StatusCode is not (StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent))
            return true;
        headers.ContentLength = null;
        return false;
    }

    /// <summary>Removes the headers whose names match. Allocates nothing where none does, which is nearly always.</summary>
    public static void Remove(IHeaderDictionary headers, Func<string, bool> matches)
    {
        List<string>? found = null;
        foreach (var (name, _) in headers)
        {
            if (matches(name))
                (found ??= []).Add(name);
        }

        foreach (var name in found ?? [])
            headers.Remove(name);
    }
}
