using System.Net;
using System.Net.Sockets;

namespace TokenBroker.Upstream;

/// <summary>Opens TCP connections to storage: looks up the name, refuses the sidecar's own listeners, and connects.</summary>
internal sealed class StorageConnector(NameLookup names, AddressRace race, OwnListeners listeners)
{
    /// <summary>The addresses of a name, for checks before connecting.</summary>
    /// <exception cref="SocketException">The name is unknown, or DNS does not answer.</exception>
    public ValueTask<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellation) => names.ResolveAsync(host, cancellation);

    /// <exception cref="OwnListenerException">One of the addresses leads back to the sidecar.</exception>
    /// <exception cref="SocketException">The name is unknown, or nothing answers.</exception>
    public async Task<DialledConnection> ConnectAsync(DnsEndPoint target, CancellationToken cancellation)
    {
        var addresses = await names.ResolveAsync(target.Host, cancellation);
        foreach (var address in addresses)
        {
            if (listeners.Contains(address, target.Port))
                throw new OwnListenerException();
        }

        try
        {
            return await race.ConnectAsync(target.Host, target.Port, addresses, cancellation);
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException)
        {
            names.Expire(target.Host);
            throw;
        }
    }
}
