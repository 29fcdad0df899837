using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using TokenBroker.Logging;
using TokenBroker.Proxy.Telemetry;
using TokenBroker.Tokens;
using TokenBroker.Upstream;

namespace TokenBroker.Hosting;

/// <summary>Metrics for Prometheus, and metrics and traces for a collector if OpenTelemetry's own variables name one.</summary>
internal static class Telemetry
{
    public static void AddTelemetry(this IServiceCollection services, ConfigurationManager configuration, TelemetryVariables variables)
    {
        // The exporter reads its settings from the host's configuration, which contains only these.
        configuration.AddInMemoryCollection(variables.Taken.Select(variable => KeyValuePair.Create(variable.Key, (string?)variable.Value)));

        var telemetry = services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(BrokerHost.Name, serviceVersion: BrokerHost.Version).AddEnvironmentVariableDetector()) // OTEL_SERVICE_NAME wins
            .WithMetrics(metrics =>
            {
                metrics.AddMeter(TokenMetrics.Name, ProxyMetrics.Name, UpstreamMetrics.Name, QueuedLoggerProvider.MeterName).AddPrometheusExporter();
                if (variables.HasCollector("METRICS"))
                    metrics.AddOtlpExporter();
            });
        if (variables.HasCollector("TRACES"))
            telemetry.WithTracing(traces => traces.AddSource(TokenMetrics.Name, ProxyMetrics.Name).AddOtlpExporter());
    }
}
