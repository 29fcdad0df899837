using System.Net;

namespace TokenBroker.Upstream;

/// <summary>
/// Whether storage refused the token because it has expired. Only in this case can a new token help. Issuer, audience and
/// permission concern the identity and the account, and are not a reason to replace a token that other accounts use.
/// </summary>
internal static class RejectedToken
{
    /// <summary>An error answer of storage has a few hundred bytes; only this much is read.</summary>
    public const int MaxPeekedBytes = 8 * 1024;

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
    /// <param name="method">The request's method: an answer to HEAD has no body, so the status alone must be enough.</param>
    /// <param name="body">The beginning of its body.</param>
    public static bool IsExpiry(string method, ReadOnlySpan<byte> body) =>
        method == "HEAD" || body.IndexOf("Lifetime validation failed"u8) >= 0;
}
