namespace TokenBroker.Proxy.Rewriting;

/// <summary>What of storage's answer cannot be relayed as it came.</summary>
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

    /// <summary>Takes out what the server would refuse to write, when it is too late to say why.</summary>
    /// <returns>False if the answer has no body.</returns>
    public static bool Apply(HttpResponse response)
    {
        var headers = response.Headers;
        foreach (var name in headers.Keys.Where(IsOwn).ToList())
            headers.Remove(name);
        if (response.StatusCode is not (StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent))
            return true;
        headers.ContentLength = null;
        return false;
    }
}
