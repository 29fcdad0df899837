using System.Text;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.EndToEnd.Telemetry;

namespace TokenBroker.EndToEnd.Secrets;

/// <summary>Every way there is to look at a sidecar, switched on: the most talkative log, a collector, the runtime's own tracing.</summary>
internal sealed class Observation : IAsyncDisposable
{
    /// <summary>
    /// At the most verbose level: the libraries of Azure (what MSAL says comes out by the second), and what the platform
    /// says of requests. Not among them are the sources that dump whole objects, headers included, by design (those whose
    /// names begin with Private, and the bridge of DiagnosticSource): they are debuggers under another name.
    /// </summary>
    private static readonly string[] EventSources =
    [
        "Azure-Core", "Azure-Identity", "System.Net.Http", "System.Net.Security", "System.Net.NameResolution", "System.Net.Sockets",
        "Microsoft-AspNetCore-Server-Kestrel", "Microsoft.AspNetCore.Hosting", "Microsoft-Extensions-Logging", "Yarp.ReverseProxy",
        "OpenTelemetry-Sdk",
    ];

    private const string TraceFile = "events.nettrace";

    private readonly string _directory;
    private readonly CollectorStub _collector;
    private readonly Dictionary<string, StringBuilder> _looks = [];

    private Observation(string directory, CollectorStub collector) => (_directory, _collector) = (directory, collector);

    public static async Task<Observation> StartAsync(string directory) => new(directory, await CollectorStub.StartAsync());

    public SidecarSettings SwitchOn(SidecarSettings settings) => settings with
    {
        Arguments = [.. settings.Arguments, "--log-level", "trace"],
        Environment = new Dictionary<string, string>(settings.Environment)
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = _collector.Address.ToString(),
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "500",
            ["OTEL_BSP_SCHEDULE_DELAY"] = "200",
            ["AZURE_EXPERIMENTAL_ENABLE_ACTIVITY_SOURCE"] = "true",
            ["OTEL_DOTNET_EXPERIMENTAL_ASPNETCORE_DISABLE_URL_QUERY_REDACTION"] = "true",
            ["OTEL_DOTNET_EXPERIMENTAL_HTTPCLIENT_DISABLE_URL_QUERY_REDACTION"] = "true",
            ["DOTNET_EnableEventPipe"] = "1",
            ["DOTNET_EventPipeOutputStreaming"] = "1",
            ["DOTNET_EventPipeOutputPath"] = Path.Combine(_directory, TraceFile),
            ["DOTNET_EventPipeConfig"] = string.Join(',', EventSources.Select(source => $"{source}:0xFFFFFFFFFFFFFFFF:5")),
        },
    };

    /// <summary>Looks at metrics and health once more, and has all tokens refreshed.</summary>
    public async Task LookAsync(RunningSidecar sidecar)
    {
        using var http = Http.CreateClient();
        foreach (var path in new[] { "/metrics", "/health/live", "/health/ready", "/nothing?sig=here" })
            await KeepAsync(path, http.GetAsync(new Uri(sidecar.Admin, path)));
        using var refresh = new HttpRequestMessage(HttpMethod.Post, new Uri(sidecar.Admin, "/tokens/refresh"));
        refresh.Headers.Add("X-TokenBroker", "1");
        await KeepAsync("/tokens/refresh", http.SendAsync(refresh));
    }

    /// <summary>Ends the sidecar in order, so that everything is written, and gives all of it.</summary>
    public async Task<CapturedOutput> EndAsync(RunningSidecar sidecar, Workload workload)
    {
        sidecar.Run.CloseStandardInput();
        await sidecar.Run.ExitAsync(RunningSidecar.Limit);
        var captured = new CapturedOutput();
        captured.Add("standard output and error", sidecar.Run.Output);
        captured.Add("answers", workload.Answers);
        captured.Add("OTLP metrics", _collector.Received("/v1/metrics"));
        captured.Add("OTLP traces", _collector.Received("/v1/traces"));
        captured.Add(TraceFile, await File.ReadAllBytesAsync(Path.Combine(_directory, TraceFile)));
        foreach (var (path, look) in _looks)
            captured.Add(path, look.ToString());
        return captured;
    }

    public ValueTask DisposeAsync() => _collector.DisposeAsync();

    private async Task KeepAsync(string path, Task<HttpResponseMessage> asking)
    {
        using var answer = await asking;
        if (!_looks.TryGetValue(path, out var look))
            _looks.Add(path, look = new StringBuilder());
        look.Append(answer.Headers).Append(await answer.Content.ReadAsStringAsync());
    }
}
