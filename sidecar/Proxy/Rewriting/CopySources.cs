using TokenBroker.Configuration;
using TokenBroker.Proxy.Addressing;
using TokenBroker.Upstream;

namespace TokenBroker.Proxy.Rewriting;

/// <summary>
/// What a client means by the source of a copy. A blob of an account that is served is named by the sidecar's address or by
/// the account's own; storage can reach it by the latter alone, and only for an address that the sidecar wrote itself may
/// a token be given along. Any other source is none of ours.
/// </summary>
internal sealed class CopySources(BrokerOptions options, UpstreamAccounts accounts, Router router, OwnListeners listeners)
{
    private readonly HostNames _hosts = HostNames.ForData(options);

    /// <param name="text">The value of <c>x-ms-copy-source</c>.</param>
    /// <param name="source">The blob, if it is in an account that is served; otherwise null, and the source passes unchanged.</param>
    /// <returns>The refusal; null if there is none.</returns>
    public Refusal? Resolve(string text, out CopySource? source)
    {
        source = null;
        if (!SourceAddress.TryParse(text, out var address))
            return Refusal.CopySourceMalformed;
        foreach (var account in accounts.All)
        {
            if (PathAt(account.Endpoint, address) is { } path)
                return AtStorage(account, secondary: false, path, out source);
            if (account.SecondaryEndpoint is { } secondary && PathAt(secondary, address) is { } other)
                return AtStorage(account, secondary: true, other, out source);
        }

        var host = $"{address.Host}:{address.Port}";
        // Any data listener: a client may know the sidecar by one address and name the source by another.
        if (listeners.DataPorts.Any(port => _hosts.Allow(host, port)))
            return AtSidecar(address.Target, host, out source);
        // The account's name with a port that is neither its own nor ours: whoever listens there must not be taken for it.
        return accounts.ByHost(address.Host) is null ? null : Refusal.CopySourcePort;
    }

    /// <summary>
    /// The accounts that storage may find at an address that is none of theirs by the letter: storage has more names for an
    /// account than its endpoint (<c>ACCOUNT-microsoftrouting…</c>, a dot at the end), and an emulator goes by the path alone.
    /// A custom domain cannot be told from a stranger's.
    /// </summary>
    /// <param name="text">A source that <see cref="Resolve"/> found elsewhere.</param>
    public IEnumerable<UpstreamAccount> LookedLike(string text)
    {
        if (!SourceAddress.TryParse(text, out var address))
            return [];
        var label = Bare(address.Host.Split('.')[0]);
        var segment = Bare(Uri.UnescapeDataString(address.Target.TrimStart('/').Split('/', '?')[0]));
        return accounts.All.Where(account =>
            label.Equals(account.Name, StringComparison.OrdinalIgnoreCase)
            || Endpoints(account).Any(endpoint => endpoint.AbsolutePath == "/"
                ? label.Equals(Bare(endpoint.Host.Split('.')[0]), StringComparison.OrdinalIgnoreCase)
                : segment.Equals(Bare(endpoint.AbsolutePath.Trim('/').Split('/')[^1]), StringComparison.OrdinalIgnoreCase)));
    }

    private static IEnumerable<Uri> Endpoints(UpstreamAccount account) =>
        account.SecondaryEndpoint is { } secondary ? [account.Endpoint, secondary] : [account.Endpoint];

    /// <summary>Without what storage hangs on an account's name: no account's own has a hyphen.</summary>
    private static string Bare(string name) => name.Split('-')[0];

    private Refusal? AtSidecar(string target, string host, out CopySource? source)
    {
        source = router.TryRead(HttpMethods.Get, target, host, new HeaderDictionary(), out var blob, out var refusal) ? new(blob, IsAtSidecar: true) : null;
        return refusal;
    }

    private static Refusal? AtStorage(UpstreamAccount account, bool secondary, string target, out CopySource? source)
    {
        var isRead = Router.TryReadWithin(account, secondary, HttpMethods.Get, target, new HeaderDictionary(), out var blob, out var refusal);
        source = isRead && blob is not null ? new(blob, IsAtSidecar: false) : null;
        return refusal;
    }

    /// <summary>Path and query after the endpoint; null if the address is elsewhere.</summary>
    private static string? PathAt(Uri endpoint, SourceAddress address)
    {
        // Clients that write http for the real address mean the same blob: it is fetched by https, since we write it anew.
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
