using System.Net;
using System.Net.Sockets;
using TokenBroker.Configuration;

namespace TokenBroker.Hosting.Listening;

/// <summary>Listening on an address failed. The message says which address, why, and what to do.</summary>
internal sealed class ListenException(ListenAddress address, IPEndPoint endpoint, SocketException error) : IOException(Sentence(address, endpoint, error), error)
{
    private readonly SocketError _error = error.SocketErrorCode;

    /// <summary>Another socket listens there.</summary>
    public bool IsInUse => _error == SocketError.AddressAlreadyInUse;

    /// <summary>This host, or this process, has no IPv6 loopback.</summary>
    public bool IsWithoutIPv6 => endpoint.AddressFamily == AddressFamily.InterNetworkV6
        && _error is SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported or SocketError.ProtocolFamilyNotSupported or SocketError.ProtocolNotSupported;

    private static string Sentence(ListenAddress address, IPEndPoint endpoint, SocketException error)
    {
        var both = address.IsLocalhost ? $" ({address} needs the port on 127.0.0.1 and on [::1])" : "";
        return error.SocketErrorCode == SocketError.AddressAlreadyInUse
            ? $"Failed to bind to address {address.Scheme}://{endpoint}: address already in use{both}. Give another port with --listen, --admin or --health-listen."
            : $"Failed to listen on {address.Scheme}://{endpoint}: {error.Message}{both}. Give another address with --listen, --admin or --health-listen.";
    }
}
