using System.Net.Sockets;
using Azure;
using Microsoft.Identity.Client;
using TokenBroker.Tokens.Answers;

namespace TokenBroker.Tokens.Sources;

/// <summary>
/// Why the library returned no token. Only statuses, types and error codes are used, because its messages may contain the
/// raw body of an answer.
/// </summary>
internal static class AzureIdentityFailure
{
    public static TokenAnswer Read(Exception error, TokenSourceKind kind, AzureIdentityExchange? exchange)
    {
        if (kind == TokenSourceKind.AzureCli)
            return TokenAnswer.Of(TokenFailureReason.NotSignedIn, error.GetType().Name);
        var chain = Chain(error).ToList();
        if (OfFile(chain, kind) is { } detail)
            return TokenAnswer.Of(TokenFailureReason.Refused, detail);
        if (exchange?.Status is { } status)
            return OfStatus((int)status, ErrorCode(chain), kind, exchange.RetryAfter);
        if (chain.OfType<SocketException>().FirstOrDefault() is { } socket)
            return OfSocket(socket.SocketErrorCode, kind);
        if (chain.OfType<HttpRequestException>().FirstOrDefault() is { } transport)
            return TokenAnswer.Of(TokenFailureReason.Unreachable, transport.HttpRequestError.ToString());
        // Without our own transport, only the library's status is available. It is 0 for 400, 502 and 504.
        if (chain.OfType<MsalServiceException>().FirstOrDefault() is { StatusCode: > 0 } service)
            return OfStatus(service.StatusCode, ErrorCode(chain), kind, null);
        if (chain.OfType<RequestFailedException>().FirstOrDefault() is { Status: > 0 } failed)
            return OfStatus(failed.Status, null, kind, null);
        return TokenAnswer.Of(TokenFailureReason.Refused, ErrorCode(chain) ?? chain[^1].GetType().Name);
    }

    private static TokenAnswer OfStatus(int status, string? code, TokenSourceKind kind, TimeSpan? retryAfter)
    {
        var reason = status switch
        {
            200 => TokenFailureReason.InvalidAnswer,
            // Entra answers 400 to any exchange that it refuses; the other endpoints answer 400 to an unknown identity.
            400 => kind == TokenSourceKind.WorkloadIdentity ? TokenFailureReason.Refused : TokenFailureReason.IdentityNotAssigned,
            404 or 410 => TokenFailureReason.Updating,
            408 => TokenFailureReason.TimedOut,
            429 => TokenFailureReason.Throttled,
            >= 500 => TokenFailureReason.EndpointFailing,
            >= 400 => TokenFailureReason.Refused,
            _ => TokenFailureReason.InvalidAnswer,
        };
        var detail = code is null ? $"status {status}" : $"status {status} {code}";
        return new(null, new TokenFailure(reason, detail, retryAfter) { IsBackSoon = status == 410 });
    }

    /// <summary>Two sources need a file on the host that the sidecar's user must be able to read.</summary>
    private static string? OfFile(List<Exception> chain, TokenSourceKind kind) =>
        !chain.Any(error => error is UnauthorizedAccessException or FileNotFoundException or DirectoryNotFoundException) ? null : kind switch
        {
            TokenSourceKind.AzureArc => "the agent's key cannot be read: add the sidecar's user to the group himds",
            TokenSourceKind.WorkloadIdentity => "the file that AZURE_FEDERATED_TOKEN_FILE names cannot be read",
            _ => null,
        };

    private static TokenAnswer OfSocket(SocketError error, TokenSourceKind kind)
    {
        if (error == SocketError.TooManyOpenSockets)
            return TokenAnswer.Of(TokenFailureReason.DescriptorsExhausted, error.ToString());
        // Entra is not on the host: if it cannot be reached, the host may still have an identity.
        var absent = kind != TokenSourceKind.WorkloadIdentity && error is SocketError.ConnectionRefused or SocketError.HostUnreachable
            or SocketError.NetworkUnreachable or SocketError.HostNotFound or SocketError.AddressNotAvailable or SocketError.NetworkDown
            or SocketError.HostDown;
        return TokenAnswer.Of(absent ? TokenFailureReason.NoIdentityOnHost : TokenFailureReason.Unreachable, error.ToString());
    }

    /// <summary>The library's error code, or the code that it read from an answer, so it must look like a code.</summary>
    private static string? ErrorCode(List<Exception> chain) =>
        TokenErrorCode.Accept(chain.OfType<MsalException>().FirstOrDefault()?.ErrorCode);

    private static IEnumerable<Exception> Chain(Exception? error)
    {
        for (; error is not null; error = error.InnerException)
            yield return error;
    }
}
