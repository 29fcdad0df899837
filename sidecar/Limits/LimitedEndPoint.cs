using System.Net;

namespace TokenBroker.Limits;

/// <summary>An address with a limit on its connections.</summary>
internal sealed class LimitedEndPoint(IPEndPoint address, AcceptedConnections connections) : IPEndPoint(address.Address, address.Port)
{
    public AcceptedConnections Connections => connections;
}
