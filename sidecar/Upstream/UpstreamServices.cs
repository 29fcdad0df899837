namespace TokenBroker.Upstream;

/// <summary>Registers what leads to storage.</summary>
internal static class UpstreamServices
{
    public static IServiceCollection AddUpstream(this IServiceCollection services) => services
        .AddSingleton<OwnListeners>()
        .AddSingleton(provider => new NameLookup(
            NameLookup.ResolveOnOwnThreadAsync, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<NameLookup>>()))
        .AddSingleton<AddressRace>()
        .AddSingleton<StorageConnector>()
        .AddSingleton<UpstreamTrust>()
        .AddSingleton<UpstreamMetrics>()
        .AddSingleton<UpstreamClient>()
        .AddSingleton<ClockSkew>();
}
