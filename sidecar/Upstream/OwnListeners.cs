using System.Net;
using System.Net.NetworkInformation;

namespace TokenBroker.Upstream;

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

    /// <summary>Whether a connection to this address would reach one of the listeners, in any form of the address.</summary>
    public bool Contains(IPAddress address, int port)
    {
        address = Canonical(address);
        foreach (var own in _bound)
        {
            if (own.Port == port && Reaches(address, Canonical(own.Address)))
                return true;
        }

        return false;
    }

    /// <summary>The system dials an unspecified address (0.0.0.0, ::) as loopback; a listener on one accepts at every address of this host.</summary>
    private static bool Reaches(IPAddress target, IPAddress listener) =>
        IsAny(listener) ? IsAny(target) || IPAddress.IsLoopback(target) || IsOfThisHost(target)
        : IsAny(target) ? IPAddress.IsLoopback(listener)
        : target.Equals(listener);

    /// <summary>
    /// Used only if the port belongs to a listener on an unspecified address, so the interfaces are rarely read.
    /// </summary>
    private static bool IsOfThisHost(IPAddress address)
    {
        try
        {
            return NetworkInterface.GetAllNetworkInterfaces()
                .SelectMany(network => network.GetIPProperties().UnicastAddresses)
                .Any(own => Canonical(own.Address).Equals(address));
        }
        catch (Exception error) when (error is NetworkInformationException or IOException or UnauthorizedAccessException)
        {
            return true; // this might be this host
        }
    }

    /// <summary>One form for each address: IPv4 is not mapped to IPv6, and a link-local address has no scope.</summary>
    private static IPAddress Canonical(IPAddress address) =>
        address.IsIPv4MappedToIPv6 ? address.MapToIPv4()
        : address.IsIPv6LinkLocal ? new(address.GetAddressBytes())
        : address;

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
}

/// <summary>
/// Storage's address leads back to the sidecar itself, for example through a hosts entry for the account's name.
/// </summary>
internal sealed class OwnListenerException() : IOException("The account's address is one of the sidecar's own listeners.");
