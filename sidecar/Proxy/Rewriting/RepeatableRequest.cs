using TokenBroker.Proxy.Addressing;
using TokenBroker.Proxy.Bodies;

namespace TokenBroker.Proxy.Rewriting;

/// <summary>
/// Tells whether a request may be sent again when the connection ended before storage answered. Nothing proves then that
/// storage did not carry it out. Decision 18 has the reasons.
/// </summary>
internal static class RepeatableRequest
{
    /// <param name="request">The request.</param>
    /// <param name="query">Its query, as storage was sent it.</param>
    /// <param name="body">Null if it has none.</param>
    public static bool Is(HttpRequest request, string query, WatchedBody? body) =>
        body is not null
            ? body.IsUntouched // storage had headers alone, and carries nothing out before it has the body
            : request.Method switch
            {
                "GET" or "HEAD" => true,
                "DELETE" => !IsConditional(request.Headers),
                "PUT" => !IsConditional(request.Headers) && SetsState(request.Headers, query),
                _ => false,
            };

    /// <summary>The first attempt may have made its own condition false, and the client would take that for another client's work.</summary>
    private static bool IsConditional(IHeaderDictionary headers) =>
        headers.Keys.Any(name => name.StartsWith("If-", StringComparison.OrdinalIgnoreCase) || name.StartsWith("x-ms-if-", StringComparison.OrdinalIgnoreCase)
            || name.StartsWith("x-ms-blob-condition-", StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// Known operations whose second run leaves what the first left. Not among them: a lease, a snapshot, an appended block,
    /// a sequence number that is incremented, and a copy in the background.
    /// </summary>
    private static bool SetsState(IHeaderDictionary headers, string query) => QueryValue.Of(query, "comp")?.ToLowerInvariant() switch
    {
        null => !headers.ContainsKey("x-ms-copy-source") || headers.ContainsKey("x-ms-blob-type")
            || headers["x-ms-requires-sync"].ToString().Equals("true", StringComparison.OrdinalIgnoreCase),
        "properties" => !headers.ContainsKey("x-ms-sequence-number-action"),
        "metadata" or "tier" or "undelete" or "acl" or "block" or "page" => true,
        _ => false,
    };
}
