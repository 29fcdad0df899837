using System.Net;

namespace TokenBroker.Proxy.CallerKey;

/// <summary>How the caller is connected, which a SAS may limit.</summary>
/// <param name="Peer">The socket's own peer address.</param>
/// <param name="IsHttps">True if the caller connected over TLS.</param>
internal readonly record struct CallerConnection(IPAddress? Peer, bool IsHttps)
{
    public static CallerConnection Of(HttpContext context) => new(context.Connection.RemoteIpAddress, context.Request.IsHttps);
}
