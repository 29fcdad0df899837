using System.Collections.Frozen;
using TokenBroker.Configuration;
using TokenBroker.Tokens;
using TokenBroker.Upstream;

namespace TokenBroker.Proxy.Addressing;

/// <summary>The accounts by their name in a path, and by their names in a Host header.</summary>
internal sealed class UpstreamAccounts : IDisposable
{
    private readonly FrozenDictionary<string, UpstreamAccount> _byName;
    private readonly FrozenDictionary<string, (UpstreamAccount Account, bool Secondary)> _byHost;

    public UpstreamAccounts(BrokerOptions options, TokenCache tokens, UpstreamClient clients)
    {
        _byName = options.Accounts.ToFrozenDictionary(
            account => account.Name,
            account => new UpstreamAccount(account, tokens[account.Identity], clients.Create(account), clients.Create(account, keepsConnections: false)),
            StringComparer.Ordinal);
        _byHost = _byName.Values
            .SelectMany(account => HostStyle.PrimaryNamesOf(account.Options).Select(name => (name, value: (account, false)))
                .Concat(HostStyle.SecondaryNamesOf(account.Options).Select(name => (name, value: (account, true)))))
            .ToFrozenDictionary(pair => pair.name, pair => pair.value, StringComparer.OrdinalIgnoreCase);
    }

    public IEnumerable<UpstreamAccount> All => _byName.Values;

    public UpstreamAccount? ByName(ReadOnlySpan<char> name) =>
        _byName.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out var account) ? account : null;

    public (UpstreamAccount Account, bool Secondary)? ByHost(ReadOnlySpan<char> name) =>
        _byHost.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out var found) ? found : null;

    public void Dispose()
    {
        foreach (var account in _byName.Values)
            account.Dispose();
    }
}
