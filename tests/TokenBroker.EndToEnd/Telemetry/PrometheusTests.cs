using System.Net;
using System.Text.Json;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Processes;
using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.Telemetry;

/// <summary>A real Prometheus, which scrapes the health listener as it would in a pod.</summary>
public class PrometheusTests
{
    [Fact, Requires(Capability.Prometheus)]
    public async Task Prometheus_scrapes_tokens_and_requests_from_the_health_listener()
    {
        await using var scene = await Scene.StartAsync(prepare: (_, settings) => settings with { Arguments = ["--health-listen", "http://0.0.0.0:0"] });
        await scene.Sidecar.UntilReadyAsync();
        var health = new Uri((await scene.Sidecar.Run.LineAsync(@"no authentication\): (http://\S+)", RunningSidecar.Limit)).Groups[1].Value);
        using var http = Http.CreateClient();
        using (await http.SendAsync(Http.Get(scene.Blob("pattern-10"))))
        using (await http.SendAsync(Http.Get(scene.Blob("absent"))))
        {
        }

        await using var prometheus = ProcessRun.Start(new ProcessSpec("prometheus",
            $"--config.file={await ConfigureAsync(scene, health.Port)}", $"--storage.tsdb.path={scene.Directory.File("tsdb")}", "--web.listen-address=127.0.0.1:0"));
        var at = (await prometheus.LineAsync("""msg="Listening on" address=(\S+)""", RunningSidecar.Limit)).Groups[1].Value;

        Assert.Equal(1, await QueryAsync(http, at, """up{job="tokenbroker"}""", value => value == 1));
        Assert.Equal(1, await QueryAsync(http, at, """tokenbroker_proxy_requests_total{account="acct",operation="read",failed_by="none"}""", value => value == 1));
        Assert.Equal(1, await QueryAsync(http, at, """tokenbroker_proxy_requests_total{account="acct",operation="read",failed_by="client"}""", value => value == 1));
        Assert.Equal(1, await QueryAsync(http, at, """tokenbroker_token_state{identity="system",state="fresh"}""", value => value == 1));
        Assert.InRange(await QueryAsync(http, at, "histogram_quantile(0.5, tokenbroker_proxy_overhead_seconds_bucket)", value => value > 0), 1e-5, 10);
    }

    /// <summary>The value of a query that has one, once it is as it should be; the last one that was seen otherwise.</summary>
    private static async Task<double> QueryAsync(HttpClient http, string at, string query, Func<double, bool> isThere)
    {
        var value = double.NaN;
        await Wait.UntilAsync(async () =>
        {
            using var answer = await http.GetAsync(new Uri($"http://{at}/api/v1/query?query={Uri.EscapeDataString(query)}"));
            if (answer.StatusCode != HttpStatusCode.OK)
                return false; // it is still starting
            using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
            var results = document.RootElement.GetProperty("data").GetProperty("result");
            if (results.GetArrayLength() != 1)
                return false;
            value = double.Parse(results[0].GetProperty("value")[1].GetString()!, System.Globalization.CultureInfo.InvariantCulture);
            return isThere(value);
        }, RunningSidecar.Limit, query);
        return value;
    }

    private static async Task<string> ConfigureAsync(Scene scene, int port)
    {
        var file = scene.Directory.File("prometheus.yml");
        await File.WriteAllTextAsync(file, $$"""
            global:
              scrape_interval: 1s
              scrape_timeout: 1s
            scrape_configs:
              - job_name: tokenbroker
                static_configs: [{targets: ["127.0.0.1:{{port}}"]}]
            """);
        return file;
    }
}
