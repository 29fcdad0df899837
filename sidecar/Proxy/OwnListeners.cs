using System.Net;

namespace TokenBroker.Proxy;

/// <summary>The addresses that this process listens on, known once they are bound.</summary>
internal sealed class OwnListeners
{
    private volatile IReadOnlyList<IPEndPoint> _bound = [];

    public void Set(IReadOnlyList<IPEndPoint> bound) => _bound = bound;

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
