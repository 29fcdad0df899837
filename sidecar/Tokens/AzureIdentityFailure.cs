using Azure;
using Azure.Identity;
using Microsoft.Identity.Client;

namespace TokenBroker.Tokens;

/// <summary>
/// Reads Azure.Identity's exceptions. Only types, statuses and error codes are taken: the messages may hold the raw
/// body of an answer.
/// </summary>
internal static class AzureIdentityFailure
{
    public static TokenAnswer Read(Exception error, TokenSourceKind kind)
    {
        if (kind == TokenSourceKind.AzureCli)
            return TokenAnswer.Of(TokenFailureReason.NotSignedIn, error.GetType().Name);
        for (var inner = error; inner is not null; inner = inner.InnerException)
        {
            if (inner is System.Net.Sockets.SocketException socket)
                return TokenAnswer.Of(TokenFailureReason.NoIdentityOnHost, socket.SocketErrorCode.ToString());
        }

        for (var inner = error; inner is not null; inner = inner.InnerException)
        {
            // The status is real for most codes, and 0 for 400, 502 and 504.
            if (inner is MsalServiceException { StatusCode: > 0 } service)
                return TokenAnswer.Of(ReasonOf(service.StatusCode), $"status {service.StatusCode} {service.ErrorCode}");
            if (inner is RequestFailedException { Status: > 0 } failed)
                return TokenAnswer.Of(ReasonOf(failed.Status), $"status {failed.Status}");
            if (inner is MsalServiceException { StatusCode: 0 } unknown)
                return TokenAnswer.Of(TokenFailureReason.Refused, unknown.ErrorCode);
        }

        return error is CredentialUnavailableException
            ? TokenAnswer.Of(TokenFailureReason.InvalidAnswer, nameof(CredentialUnavailableException))
            : TokenAnswer.Of(TokenFailureReason.Refused, error.GetType().Name);
    }

    private static TokenFailureReason ReasonOf(int status) => status switch
    {
        400 => TokenFailureReason.IdentityNotAssigned,
        404 or 410 => TokenFailureReason.Updating,
        408 => TokenFailureReason.TimedOut,
        429 => TokenFailureReason.Throttled,
        >= 500 => TokenFailureReason.EndpointFailing,
        _ => TokenFailureReason.Refused,
    };
}
