using System.Globalization;
using TokenBroker.Configuration;

namespace TokenBroker.Hosting;

/// <summary>
/// OpenTelemetry's own variables that are well-formed. A malformed one is ignored, as the specification demands, because a
/// mistake in monitoring must not stop access to storage. A warning names it without its value, because headers contain
/// secrets.
/// </summary>
internal sealed class TelemetryVariables
{
    private const string Exporter = "OTEL_EXPORTER_OTLP_";

    private static readonly string[] Samplers =
        ["always_on", "always_off", "traceidratio", "parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio"];

    private readonly Dictionary<string, string> _taken = [];
    private readonly SortedDictionary<string, string> _malformed = new(StringComparer.Ordinal);

    public TelemetryVariables(ProcessEnvironment environment)
    {
        // Variables that switch off the redaction of addresses are ignored.
        foreach (var (name, value) in environment.Variables.Where(variable => variable.Value.Length > 0
            && variable.Key.StartsWith("OTEL_", StringComparison.Ordinal) && !variable.Key.Contains("_EXPERIMENTAL_", StringComparison.Ordinal)))
        {
            if (Wanted(name) is { } wanted && !wanted.IsMet(value.Trim()))
                _malformed.Add(name, wanted.Sentence);
            else
                _taken.Add(name, value);
        }
    }

    public IReadOnlyDictionary<string, string> Taken => _taken;

    /// <summary>The names of the ignored variables, and what was expected.</summary>
    public IReadOnlyDictionary<string, string> Malformed => _malformed;

    /// <param name="signal"><c>METRICS</c> or <c>TRACES</c>.</param>
    public bool HasCollector(string signal) => _taken.ContainsKey($"{Exporter}ENDPOINT") || _taken.ContainsKey($"{Exporter}{signal}_ENDPOINT");

    private static (Func<string, bool> IsMet, string Sentence)? Wanted(string name)
    {
        if (name == "OTEL_TRACES_SAMPLER")
            return (value => Samplers.Contains(value, StringComparer.OrdinalIgnoreCase), $"one of {string.Join(", ", Samplers)}");
        if (name.StartsWith("OTEL_BSP_", StringComparison.Ordinal) || name.StartsWith("OTEL_METRIC_EXPORT_", StringComparison.Ordinal))
            return (IsCount, "a whole number");
        if (!name.StartsWith(Exporter, StringComparison.Ordinal))
            return null;
        var setting = name[Exporter.Length..].Replace("METRICS_", "", StringComparison.Ordinal).Replace("TRACES_", "", StringComparison.Ordinal);
        return setting switch
        {
            "ENDPOINT" => (IsHttp, "an absolute http or https address"),
            "PROTOCOL" => (value => value is "grpc" or "http/protobuf", "grpc or http/protobuf"),
            "HEADERS" => (AreHeaders, "name=value, with a comma between two"),
            "TIMEOUT" => (IsCount, "a whole number of milliseconds"),
            _ => null,
        };
    }

    private static bool IsHttp(string value) => Uri.TryCreate(value, UriKind.Absolute, out var address) && address.Scheme is "http" or "https";

    private static bool IsCount(string value) => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static bool AreHeaders(string value) =>
        value.Split(',', StringSplitOptions.RemoveEmptyEntries).All(header => header.IndexOf('=', StringComparison.Ordinal) > 0);
}
