using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using TokenBroker.Configuration;
using TokenBroker.Proxy;
using TokenBroker.Tokens;

namespace TokenBroker.Hosting;

/// <summary>Metrics for Prometheus always; metrics and traces for a collector when OpenTelemetry's own variables name one.</summary>
internal static class Telemetry
{
    public static void AddTelemetry(this IServiceCollection services, ConfigurationManager configuration, ProcessEnvironment environment)
    {
        // The exporter reads its settings from the host's configuration, which is empty but for these. What would lift
        // the redaction of addresses stays out.
        configuration.AddInMemoryCollection(environment.Variables
            .Where(variable => variable.Key.StartsWith("OTEL_", StringComparison.Ordinal)
                && !variable.Key.Contains("_EXPERIMENTAL_", StringComparison.Ordinal))
            .Select(variable => KeyValuePair.Create(variable.Key, (string?)variable.Value)));

        var telemetry = services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(BrokerHost.Name, serviceVersion: BrokerHost.Version).AddEnvironmentVariableDetector()) // OTEL_SERVICE_NAME wins
            .WithMetrics(metrics =>
            {
                metrics.AddMeter(TokenMetrics.Name, ProxyMetrics.Name).AddPrometheusExporter();
                if (HasCollector(environment, "METRICS"))
                    metrics.AddOtlpExporter();
            });
        if (HasCollector(environment, "TRACES"))
            telemetry.WithTracing(traces => traces.AddSource(TokenMetrics.Name, ProxyMetrics.Name).AddOtlpExporter());
    }

    private static bool HasCollector(ProcessEnvironment environment, string signal) =>
        environment["OTEL_EXPORTER_OTLP_ENDPOINT"] is not null || environment[$"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"] is not null;
}
