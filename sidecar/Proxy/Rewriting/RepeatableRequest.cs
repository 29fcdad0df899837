using TokenBroker.Proxy.Bodies;
using TokenBroker.Proxy.Policy;

namespace TokenBroker.Proxy.Rewriting;

/// <summary>
/// Tells whether a request may be sent again when the connection ended before storage answered. Nothing proves then that
/// storage did not carry it out. Decision 18 has the reasons.
/// </summary>
internal static class RepeatableRequest
{
    /// <param name="request">The request.</param>
    /// <param name="body">Null if it has none.</param>
    public static bool Is(BlobRequest request, WatchedBody? body) =>
        body is not null
            ? body.IsUntouched // storage got only headers, and does nothing before it has the body
            : request.Method switch
            {
                "GET" or "HEAD" => true,
                "DELETE" => !IsConditional(request.Headers),
                "PUT" => !IsConditional(request.Headers) && LeavesTheSame(request),
                _ => false,
            };

    /// <summary>The first attempt may have made its own condition false. The client would then conclude that another client had changed the blob.</summary>
    private static bool IsConditional(IHeaderDictionary headers) =>
        headers.Keys.Any(name => name.StartsWith("If-", StringComparison.OrdinalIgnoreCase) || name.StartsWith("x-ms-if-", StringComparison.OrdinalIgnoreCase)
            || name.StartsWith("x-ms-blob-condition-", StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// A row of the operation table says so, with two exceptions: a copy in the background, and a sequence number that is
    /// incremented.
    /// </summary>
    private static bool LeavesTheSame(BlobRequest request) =>
        request.Row is { Repeats: true } row
        && (row.Source != CopySourceRead.ByHeader || !request.Headers.ContainsKey("x-ms-copy-source") || row.AwaitsSource(request.Headers))
        && !request.Headers.ContainsKey("x-ms-sequence-number-action");
}
