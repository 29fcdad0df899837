using System.Net;
using System.Net.Sockets;
using TokenBroker.Configuration;

namespace TokenBroker.Hosting.Listening;

/// <summary>A socket that listens.</summary>
/// <param name="Role">What it serves.</param>
/// <param name="Configured">The configured address.</param>
/// <param name="Socket">Already listening.</param>
internal sealed record OpenListener(ListenerRole Role, ListenAddress Configured, Socket Socket)
{
    public IPEndPoint EndPoint { get; } = (IPEndPoint)Socket.LocalEndPoint!;

    public override string ToString() => $"{Configured.Scheme}://{EndPoint}";
}
