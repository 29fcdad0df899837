using Microsoft.Extensions.DependencyInjection;

namespace TokenBroker.Proxy;

/// <summary>What the six steps are made of.</summary>
internal static class ProxyServices
{
    public static IServiceCollection AddProxy(this IServiceCollection services)
    {
        services.AddHttpForwarder();
        return services
            .AddSingleton<OwnListeners>()
            .AddSingleton<UpstreamTrust>()
            .AddSingleton<UpstreamClient>()
            .AddSingleton<UpstreamAccounts>()
            .AddSingleton<RequestsInFlight>()
            .AddSingleton<CallerGuard>()
            .AddSingleton<CallerSignature>()
            .AddSingleton<Router>()
            .AddSingleton<PolicyGuard>()
            .AddSingleton<AuditLog>()
            .AddSingleton<CopySources>()
            .AddSingleton<BatchRules>()
            .AddSingleton<RequestRewriter>()
            .AddSingleton<RefusalWriter>()
            .AddSingleton<ProxyMetrics>()
            .AddSingleton<ClockSkew>()
            .AddSingleton<ProxyEndpoint>();
    }
}
