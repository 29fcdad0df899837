using System.Diagnostics.CodeAnalysis;
using TokenBroker.Configuration;
using TokenBroker.Upstream;

namespace TokenBroker.Proxy.Addressing;

/// <summary>
/// Reads which blob a client means by the source of a copy. It names a blob of a served account by the sidecar's address or by the
/// account's own. Storage can reach only the latter, and only an address that the sidecar wrote itself may get a token. Any
/// other source is elsewhere and passes unchanged.
/// </summary>
internal sealed class CopySources(BrokerOptions options, UpstreamAccounts accounts, Router router, OwnListeners listeners)
{
    private readonly HostNames _hosts = HostNames.ForData(options);

    /// <param name="text">The value of <c>x-ms-copy-source</c>.</param>
    /// <param name="source">The source.</param>
    /// <param name="refusal">Why it cannot be read.</param>
    public bool TryRead(string text, [NotNullWhen(true)] out CopySource? source, [NotNullWhen(false)] out Refusal? refusal)
    {
        source = null;
        if (!SourceAddress.TryParse(text, out var address))
        {
            refusal = Refusal.CopySourceMalformed;
            return false;
        }

        foreach (var account in accounts.All)
        {
            if (PathAt(account.Endpoint, address) is { } path)
                return TryReadAtStorage(account, secondary: false, path, out source, out refusal);
            if (account.SecondaryEndpoint is { } secondary && PathAt(secondary, address) is { } other)
                return TryReadAtStorage(account, secondary: true, other, out source, out refusal);
        }

        var host = $"{address.Host}:{address.Port}";
        // Any data listener: a client may know the sidecar by one address and name the source by another.
        if (listeners.DataPorts.Any(port => _hosts.Allow(host, port)))
            return TryReadAtSidecar(address.Target, host, out source, out refusal);
        // The account's name with a port that is neither its own nor the sidecar's: another server listens there.
        refusal = accounts.ByHost(address.Host) is null ? null : Refusal.CopySourcePort;
        source = refusal is null ? CopySource.Elsewhere(BlobQuery.OfTarget(address.Target).Query.HasSignature, AccountsLike(address)) : null;
        return source is not null;
    }

    /// <summary>
    /// The accounts that storage may find at an address that does not name them: storage has more names for an account than its
    /// endpoint (<c>ACCOUNT-microsoftrouting…</c>, a dot at the end), and an emulator reads only the path. A custom domain
    /// cannot be distinguished from another host.
    /// </summary>
    private List<UpstreamAccount> AccountsLike(SourceAddress address)
    {
        var label = Bare(address.Host.Split('.')[0]);
        var segment = Bare(Uri.UnescapeDataString(address.Target.TrimStart('/').Split('/', '?')[0]));
        return [.. accounts.All.Where(account =>
            label.Equals(account.Name, StringComparison.OrdinalIgnoreCase)
            || Endpoints(account).Any(endpoint => endpoint.AbsolutePath == "/"
                ? label.Equals(Bare(endpoint.Host.Split('.')[0]), StringComparison.OrdinalIgnoreCase)
                : segment.Equals(Bare(endpoint.AbsolutePath.Trim('/').Split('/')[^1]), StringComparison.OrdinalIgnoreCase)))];
    }

    private static IEnumerable<Uri> Endpoints(UpstreamAccount account) =>
        account.SecondaryEndpoint is { } secondary ? [account.Endpoint, secondary] : [account.Endpoint];

    /// <summary>Without the suffix that storage adds to an account's name: no account's own name has a hyphen.</summary>
    private static string Bare(string name) => name.Split('-')[0];

    private bool TryReadAtSidecar(string target, string host, [NotNullWhen(true)] out CopySource? source, [NotNullWhen(false)] out Refusal? refusal)
    {
        source = router.TryRead(HttpMethods.Get, target, host, new HeaderDictionary(), out var blob, out refusal) ? CopySource.Of(blob, isAtSidecar: true) : null;
        return source is not null;
    }

    private static bool TryReadAtStorage(
        UpstreamAccount account, bool secondary, string target, [NotNullWhen(true)] out CopySource? source, [NotNullWhen(false)] out Refusal? refusal)
    {
        source = Router.TryReadWithin(account, secondary, HttpMethods.Get, target, new HeaderDictionary(), out var blob, out refusal)
            ? CopySource.Of(blob, isAtSidecar: false)
            : null;
        return source is not null;
    }

    /// <summary>Path and query after the endpoint; null if the address is elsewhere.</summary>
    private static string? PathAt(Uri endpoint, SourceAddress address)
    {
        // Clients that write http for the real address mean the same blob. Storage reads it by https, because the sidecar writes the address.
        var samePort = address.Port == endpoint.Port || (address.Port == 80 && endpoint.Port == 443);
        if (!samePort || !address.Host.Equals(endpoint.Host, StringComparison.OrdinalIgnoreCase))
            return null;
        var prefix = endpoint.AbsolutePath.TrimEnd('/');
        if (!address.Target.StartsWith(prefix, StringComparison.Ordinal))
            return null;
        var rest = address.Target[prefix.Length..];
        return rest.Length == 0 || rest[0] is '/' or '?' ? rest : null;
    }
}
