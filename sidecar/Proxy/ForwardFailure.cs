using System.Net.Sockets;
using System.Security.Authentication;
using TokenBroker.Limits;
using TokenBroker.Upstream;
using Yarp.ReverseProxy.Forwarder;

namespace TokenBroker.Proxy;

/// <summary>Turns what went wrong on the way to storage into a row of the table.</summary>
internal static class ForwardFailure
{
    /// <returns>The refusal to write; null if the client itself went away, and nobody is there to read one.</returns>
    public static Refusal? Read(ForwarderError error, Exception? exception, bool clientGone)
    {
        // The forwarder has ended the client's connection then, which is not to say that the client did.
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
            // The server refuses to write what storage sent: a header with a control character, say.
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

        // A name cannot be looked up without a descriptor either, and that error does not say so.
        return DescriptorLimit.IsReached() ? Refusal.DescriptorsExhausted : Refusal.UpstreamUnreachable;
    }
}
