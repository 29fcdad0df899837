using System.Net;
using System.Net.Sockets;
using TokenBroker.Configuration;
using TokenBroker.Limits;
using TokenBroker.Upstream;

namespace TokenBroker.Diagnosis.Checks;

/// <summary>Checks whether the account's name has an address, and where it leads.</summary>
internal static class NameCheck
{
    public static async Task<Finding> RunAsync(AccountOptions account, StorageConnector connector, OwnListeners listeners, CancellationToken limit)
    {
        var target = UpstreamClient.TargetOf(account, new(account.Endpoint.IdnHost, account.Endpoint.Port));
        var facts = new[] { ("name", (string?)target.Host), ("instead of", account.ConnectTo is null ? null : account.Endpoint.IdnHost) };
        try
        {
            var addresses = await connector.ResolveAsync(target.Host, limit);
            return Of(account, OfAddresses(account, target, addresses, listeners), [.. facts, ("addresses", string.Join(", ", addresses.Select(address => $"{address} ({KindOf(address)})")))]);
        }
        catch (SocketException) when (DescriptorLimit.IsReached())
        {
            return Of(account, Cause.TcpDescriptors, facts);
        }
        catch (SocketException error)
        {
            return Of(account, OfError(error.SocketErrorCode), [.. facts, ("the resolver said", error.SocketErrorCode.ToString())]);
        }
        catch (OperationCanceledException)
        {
            return Of(account, Cause.DnsServerFailing, [.. facts, ("the resolver said", "no answer in time")]);
        }
    }

    /// <summary>Whether the name leads to storage, to the sidecar itself, or to another port of this host.</summary>
    public static Cause OfAddresses(AccountOptions account, DnsEndPoint target, IReadOnlyList<IPAddress> addresses, OwnListeners listeners) =>
        addresses.Any(address => listeners.Contains(address, target.Port)) ? Cause.DnsIsSidecar
        : IsAccountsOwnName(account, target) && addresses.All(IPAddress.IsLoopback) ? Cause.DnsLoopback
        : Cause.DnsResolved;

    /// <summary>An answer that the name does not exist differs from no answer.</summary>
    public static Cause OfError(SocketError error) =>
        error is SocketError.HostNotFound or SocketError.NoData ? Cause.DnsNameUnknown : Cause.DnsServerFailing;

    /// <summary>What kind of address it is: a private endpoint has a private address.</summary>
    public static string KindOf(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        if (IPAddress.IsLoopback(address))
            return "this host";
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
            return address.IsIPv6UniqueLocal || address.IsIPv6LinkLocal ? "private" : "public";
        return address.GetAddressBytes() is [10, ..] or [172, >= 16 and <= 31, ..] or [192, 168, ..] or [100, >= 64 and <= 127, ..] or [169, 254, ..]
            ? "private"
            : "public";
    }

    private static bool IsAccountsOwnName(AccountOptions account, DnsEndPoint target) =>
        target.Host.StartsWith(account.Name + ".", StringComparison.OrdinalIgnoreCase);

    private static Finding Of(AccountOptions account, Cause cause, IEnumerable<(string, string?)> facts) =>
        Finding.Of(account.Name, cause, facts) with { Names = [new("ACCOUNT", account.Name)] };
}
