using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using TokenBroker.Configuration;

namespace TokenBroker.Hosting.Listening;

/// <summary>
/// The sockets of all listeners. They are opened before the server starts: if one fails, the start fails with a sentence
/// that names the address. The server itself cannot open both loopback addresses on one port that the system chooses.
/// </summary>
internal sealed class ListenSockets(BrokerOptions options) : IDisposable
{
    /// <summary>How many ports are tried until one is free on both loopback addresses.</summary>
    private const int MaxAttempts = 32;

    /// <summary>The server sets a larger value when it takes over a socket.</summary>
    private const int InitialBacklog = 512;

    private readonly List<OpenListener> _open = [];

    /// <summary>In the order of <see cref="BrokerOptions.Listeners"/>; IPv4 before IPv6 for <c>localhost</c>.</summary>
    public IReadOnlyList<OpenListener> All => _open;

    /// <exception cref="ListenException">Listening on an address failed.</exception>
    public void Open()
    {
        foreach (var address in options.Listen)
            Open(ListenerRole.Data, address);
        Open(ListenerRole.Admin, options.Admin);
        if (options.HealthListen is { } health)
            Open(ListenerRole.Health, health);
    }

    /// <summary>The socket for an endpoint of the server.</summary>
    public Socket Of(EndPoint endpoint) => _open.Single(listener => listener.EndPoint.Equals(endpoint)).Socket;

    public void Dispose() => _open.ForEach(listener => listener.Socket.Dispose());

    private void Open(ListenerRole role, ListenAddress address)
    {
        IReadOnlyList<Socket> sockets = address.IsLocalhost ? ListenOnBoth(address) : [Listen(address, address.EndPoints[0])];
        _open.AddRange(sockets.Select(socket => new OpenListener(role, address, socket)));
    }

    private static IReadOnlyList<Socket> ListenOnBoth(ListenAddress address)
    {
        for (var attempt = 1; ; attempt++)
        {
            var ipv4 = Listen(address, address.EndPoints[0]);
            try
            {
                return [ipv4, Listen(address, new(IPAddress.IPv6Loopback, ((IPEndPoint)ipv4.LocalEndPoint!).Port))];
            }
            catch (ListenException error) when (error.IsWithoutIPv6)
            {
                return [ipv4];
            }
            catch (ListenException error) when (error.IsInUse && address.Port == 0 && attempt < MaxAttempts)
            {
                ipv4.Dispose();
            }
            catch
            {
                ipv4.Dispose();
                throw;
            }
        }
    }

    /// <summary>Until a socket listens, another socket can get the same port, so it listens at once.</summary>
    private static Socket Listen(ListenAddress address, IPEndPoint endpoint)
    {
        Socket? socket = null;
        try
        {
            socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
            socket.Listen(InitialBacklog);
            return socket;
        }
        catch (SocketException error)
        {
            socket?.Dispose();
            throw new ListenException(address, endpoint, error);
        }
    }
}
