using System.Net.Sockets;
using System.Security.Authentication;
using TokenBroker.Limits;
using TokenBroker.Upstream;
using Yarp.ReverseProxy.Forwarder;

namespace TokenBroker.Proxy;

/// <summary>Turns a failure on the way to storage into a refusal.</summary>
internal static class ForwardFailure
{
    /// <returns>The refusal to write; null if the client itself closed the connection and cannot read one.</returns>
    public static Refusal? Read(ForwarderError error, Exception? exception, bool clientGone)
    {
        // In this case the forwarder has ended the client's connection; the client may still be there.
        if (error == ForwarderError.ResponseBodyDestination)
            return Refusal.UpstreamBroken;
        if (clientGone)
            return null;
        return error switch
        {
            ForwarderError.RequestTimedOut or ForwarderError.RequestBodyCanceled => Refusal.UpstreamTimeout,
            ForwarderError.RequestBodyClient => Refusal.BodyBroken,
            ForwarderError.Request => Connection(exception),
            ForwarderError.RequestCreation => Refusal.InternalError,
            // The server refuses to write storage's answer, for example a header with a control character.
            ForwarderError.ResponseHeaders when exception is InvalidOperationException or FormatException or ArgumentException => Refusal.UpstreamAnswerInvalid,
            _ => Refusal.UpstreamBroken,
        };
    }

    private static Refusal Connection(Exception? exception)
    {
        for (var inner = exception; inner is not null; inner = inner.InnerException)
        {
            switch (inner)
            {
                case OwnListenerException:
                    return Refusal.UpstreamIsSidecar;
                case AuthenticationException:
                    return Refusal.UpstreamUntrusted;
                case SocketException socket when DescriptorLimit.IsCause(socket):
                    return Refusal.DescriptorsExhausted;
                case SocketException { SocketErrorCode: SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown }:
                    return Refusal.UpstreamBroken;
                case HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded }:
                    return Refusal.UpstreamBroken;
                case HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded }:
                    return Refusal.UpstreamAnswerInvalid;
            }
        }

        // A name lookup also needs a descriptor, but its error does not show this.
        return DescriptorLimit.IsReached() ? Refusal.DescriptorsExhausted : Refusal.UpstreamUnreachable;
    }
}
