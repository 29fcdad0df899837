using TokenBroker.Configuration;
using TokenBroker.Hosting;
using Xunit;

namespace TokenBroker.Tests.Hosting;

/// <summary>OpenTelemetry's variables: what can be taken is, and the rest is named and left out.</summary>
public class TelemetryVariablesTests
{
    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318", "collector:4318")]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://collector/v1/traces", "/v1/traces")]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf", "http/json")]
    [InlineData("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "grpc", "GRPC")]
    [InlineData("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20s3cret,a=b", "authorization: s3cret")]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "a=", "=s3cret")]
    [InlineData("OTEL_EXPORTER_OTLP_TIMEOUT", "10000", "10s")]
    [InlineData("OTEL_BSP_SCHEDULE_DELAY", "200", "-200")]
    [InlineData("OTEL_METRIC_EXPORT_INTERVAL", "60000", "1m")]
    [InlineData("OTEL_TRACES_SAMPLER", "parentbased_traceidratio", "sometimes")]
    public void Malformed_variable_is_named_without_its_value_and_left_out(string name, string good, string bad)
    {
        var (taken, left) = (Of((name, good)), Of((name, bad)));

        Assert.Equal(good, taken.Taken[name]);
        Assert.Empty(taken.Malformed);
        Assert.Empty(left.Taken);
        var malformed = Assert.Single(left.Malformed);
        Assert.Equal(name, malformed.Key);
        Assert.DoesNotContain(bad, malformed.Value, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector", true, true)]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://collector", true, false)]
    [InlineData("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://collector", false, true)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "collector", false, false)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "", false, false)]
    public void There_is_a_collector_where_a_variable_names_one(string name, string value, bool traces, bool metrics)
    {
        var variables = Of((name, value));

        Assert.Equal((traces, metrics), (variables.HasCollector("TRACES"), variables.HasCollector("METRICS")));
    }

    [Fact]
    public void What_lifts_redactions_and_what_is_not_ours_stays_out_without_a_word()
    {
        var variables = Of(("OTEL_DOTNET_EXPERIMENTAL_HTTPCLIENT_DISABLE_URL_QUERY_REDACTION", "true"), ("PATH", "/bin"), ("OTEL_SERVICE_NAME", "uploads"));

        Assert.Equal(["OTEL_SERVICE_NAME"], variables.Taken.Keys);
        Assert.Empty(variables.Malformed);
    }

    private static TelemetryVariables Of(params IEnumerable<(string Name, string Value)> variables) =>
        new(new ProcessEnvironment(variables.Select(variable => KeyValuePair.Create(variable.Name, variable.Value))));
}
