using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using TokenBroker.Configuration;
using TokenBroker.Imds;
using TokenBroker.Imds.Identities;
using TokenBroker.Tokens;

namespace TokenBroker.Tests.Tokens;

/// <summary>The product's own cache with one running entry for each identity, on the IMDS source.</summary>
internal sealed class RunningEntries : IAsyncDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly TokenCache _cache;

    private RunningEntries(ImdsEmulator emulator, IEnumerable<EmulatedIdentity> identities, TimeProvider time)
    {
        var options = new BrokerOptions
        {
            Accounts =
            [
                .. identities.Select(identity => new AccountOptions
                {
                    Name = identity.Name, Endpoint = new("https://storage.invalid"), Identity = Select(identity),
                }),
            ],
            Tokens = new() { MetadataEndpoint = emulator.BaseAddress },
        };
        var metrics = new TokenMetrics(_services.GetRequiredService<IMeterFactory>(), time);
        _cache = new(options, ProcessEnvironment.Empty, time, metrics, NullLogger<TokenCache>.Instance);
    }

    public IReadOnlyList<TokenEntry> All => [.. _cache.Entries];

    public static async Task<RunningEntries> StartAsync(ImdsEmulator emulator, IEnumerable<EmulatedIdentity> identities, TimeProvider time)
    {
        var entries = new RunningEntries(emulator, identities, time);
        await entries._cache.StartAsync(CancellationToken.None);
        return entries;
    }

    public static TokenBroker.Configuration.IdentitySelector Select(EmulatedIdentity identity) =>
        new(TokenBroker.Configuration.IdentityKind.ClientId, identity.ClientId.ToString());

    /// <summary>No attempt is under way and none is due: nothing happens before the clock moves.</summary>
    public static bool Rests(TokenEntry entry)
    {
        var now = entry.Snapshot();
        return now.State is not (TokenState.Acquiring or TokenState.Refreshing) && now.NextAttemptIn > TimeSpan.Zero;
    }

    public TokenEntry Of(EmulatedIdentity identity) => _cache[Select(identity)];

    public async ValueTask DisposeAsync()
    {
        await _cache.StopAsync(CancellationToken.None);
        _cache.Dispose();
        await _services.DisposeAsync();
    }
}
