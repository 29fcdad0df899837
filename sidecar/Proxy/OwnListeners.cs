using System.Net;

namespace TokenBroker.Proxy;

/// <summary>The addresses that this process listens on, known once they are bound.</summary>
internal sealed class OwnListeners
{
    private volatile IReadOnlyList<IPEndPoint> _bound = [];
    private volatile IReadOnlyList<int> _dataPorts = [];

    /// <summary>The ports by which clients reach accounts.</summary>
    public IReadOnlyList<int> DataPorts => _dataPorts;

    /// <param name="bound">Every listener.</param>
    /// <param name="dataPorts">The ports of the data listeners.</param>
    public void Set(IReadOnlyList<IPEndPoint> bound, IReadOnlyList<int> dataPorts) => (_bound, _dataPorts) = (bound, dataPorts);

    public bool Contains(IPAddress address, int port)
    {
        foreach (var own in _bound)
        {
            if (own.Port == port && (own.Address.Equals(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address)
                || (IsAny(own.Address) && IPAddress.IsLoopback(address))))
                return true;
        }

        return false;
    }

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
}
