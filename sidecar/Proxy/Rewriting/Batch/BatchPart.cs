namespace TokenBroker.Proxy.Rewriting.Batch;

/// <summary>One request within a batch, as the client wrote it.</summary>
/// <param name="ContentId">What ties the part's answer to it; null if the client gave none.</param>
/// <param name="Method">The method.</param>
/// <param name="Target">The raw request target.</param>
/// <param name="Headers">Its headers in order, each name once.</param>
internal sealed record BatchPart(string? ContentId, string Method, string Target, IReadOnlyList<KeyValuePair<string, string>> Headers);
