using System.Net;

namespace TokenBroker.Upstream;

/// <summary>
/// Tells whether storage took the token for expired: the only refusal that a new token can mend. Issuer, audience or
/// permission are matters between the identity and the account, and no reason to touch a token that serves others.
/// </summary>
internal static class RejectedToken
{
    /// <summary>An error answer of storage has a few hundred bytes; no more than this is looked at.</summary>
    public const int MostRead = 8 * 1024;

    /// <summary>
    /// 401 since version 2019-12-12; before that the same fault is a 403 with the code of every failed authentication.
    /// </summary>
    public static bool IsPossible(HttpResponseMessage response) => response.StatusCode switch
    {
        HttpStatusCode.Unauthorized => true,
        HttpStatusCode.Forbidden => response.Headers.TryGetValues("x-ms-error-code", out var codes)
            && codes.Contains("AuthenticationFailed", StringComparer.Ordinal),
        _ => false,
    };

    /// <summary>Of an answer for which <see cref="IsPossible"/> holds.</summary>
    /// <param name="method">The request's method: an answer to HEAD has no body to say why, and that it is possible must then do.</param>
    /// <param name="body">The beginning of its body.</param>
    public static bool IsExpiry(string method, ReadOnlySpan<byte> body) =>
        method == "HEAD" || body.IndexOf("Lifetime validation failed"u8) >= 0;
}
