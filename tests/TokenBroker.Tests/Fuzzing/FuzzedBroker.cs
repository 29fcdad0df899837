using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using TokenBroker.Configuration;
using TokenBroker.Hosting.Listening;
using TokenBroker.Proxy;
using TokenBroker.Proxy.Addressing;
using TokenBroker.Proxy.CallerKey;
using TokenBroker.Proxy.Rewriting;
using TokenBroker.Proxy.Rewriting.Batch;
using TokenBroker.Tokens;
using TokenBroker.Tokens.Answers;
using TokenBroker.Upstream;

namespace TokenBroker.Tests.Fuzzing;

/// <summary>
/// The product's own steps, put together as its host does it, without a listener. Three accounts, each with an identity of its
/// own: <c>acct</c> and <c>emul</c>, whose endpoint has a path as an emulator's, under the same policy, and <c>other</c> under none.
/// </summary>
internal sealed class FuzzedBroker
{
    public const int Port = 11000;

    private static readonly ConcurrentDictionary<string, FuzzedBroker> ByPolicy = [];

    private readonly ServiceProvider _services;
    private readonly Dictionary<TokenEntry, BearerToken> _tokens;

    public FuzzedBroker(PolicyOptions? policy, CallerKeys? keys = null, TimeProvider? time = null)
    {
        Policy = policy;
        var options = new BrokerOptions
        {
            Accounts =
            [
                AccountOf("acct", "https://acct.blob.core.windows.net", "https://acct-secondary.blob.core.windows.net", policy),
                AccountOf("emul", "https://emul.example:10443/emul", "https://emul.example:10443/emul-secondary", policy),
                AccountOf("other", "https://other.blob.core.windows.net", null, null),
            ],
            Tokens = new() { MetadataEndpoint = new("http://127.0.0.1:1") },
            Caller = new() { Keys = keys },
        };
        var services = new ServiceCollection().AddLogging().AddMetrics().AddSingleton(options).AddSingleton(ProcessEnvironment.Empty)
            .AddSingleton(time ?? TimeProvider.System).AddSingleton<TokenMetrics>().AddSingleton<TokenCache>();
        _services = services.AddLimits().AddUpstream().AddProxy().BuildServiceProvider();
        Steps = _services.GetRequiredService<ProxySteps>();
        Batches = _services.GetRequiredService<BatchRules>();
        _tokens = _services.GetRequiredService<UpstreamAccounts>().All.ToDictionary(
            account => account.Token,
            account => new BearerToken("token-of-" + account.Name, DateTimeOffset.MaxValue, TimeSpan.MaxValue, TimeProvider.System));
    }

    public PolicyOptions? Policy { get; }

    public ProxySteps Steps { get; }

    public BatchRules Batches { get; }

    public BearerToken TokenOf(TokenEntry entry) => _tokens[entry];

    public static string HeaderOf(string account) => "Bearer token-of-" + account;

    /// <param name="policy">Containers and operations, as <see cref="PolicyTexts"/> writes them.</param>
    public static FuzzedBroker Of(string policy) => ByPolicy.GetOrAdd(policy, text => new(PolicyTexts.Read(text)));

    private static AccountOptions AccountOf(string name, string endpoint, string? secondary, PolicyOptions? policy) => new()
    {
        Name = name,
        Endpoint = new(endpoint),
        SecondaryEndpoint = secondary is null ? null : new(secondary),
        Identity = new(IdentityKind.ResourceId, "/subscriptions/0/" + name),
        Policy = policy,
    };
}
