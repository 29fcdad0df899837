using TokenBroker.Proxy.Addressing;
using TokenBroker.Proxy.Bodies;
using TokenBroker.Proxy.CallerKey;
using TokenBroker.Proxy.Policy;
using TokenBroker.Proxy.Rewriting;
using TokenBroker.Proxy.Rewriting.Batch;
using TokenBroker.Proxy.Telemetry;

namespace TokenBroker.Proxy;

/// <summary>The parts of the steps.</summary>
internal static class ProxyServices
{
    public static IServiceCollection AddProxy(this IServiceCollection services)
    {
        services.AddHttpForwarder();
        return services
            .AddSingleton<UpstreamAccounts>()
            .AddSingleton<RequestsInFlight>()
            .AddSingleton<CallerGuard>()
            .AddSingleton<CallerSignature>()
            .AddSingleton<Router>()
            .AddSingleton<PolicyGuard>()
            .AddSingleton<AuditLog>()
            .AddSingleton<CopySources>()
            .AddSingleton<BatchRules>()
            .AddSingleton<BodyGathering>()
            .AddSingleton<RequestRewriter>()
            .AddSingleton<BodyRewriter>()
            .AddSingleton<StorageForwarder>()
            .AddSingleton<ProxySteps>()
            .AddSingleton<RefusalWriter>()
            .AddSingleton<ProxyMetrics>()
            .AddSingleton<ProxyEndpoint>();
    }
}
