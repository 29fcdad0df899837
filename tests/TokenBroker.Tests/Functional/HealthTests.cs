using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using TokenBroker.Admin;
using TokenBroker.Imds.Faults;
using TokenBroker.TestSupport.Network;
using Xunit;

namespace TokenBroker.Tests.Functional;

/// <summary>What an orchestrator is told, on the admin listener and on the health listener.</summary>
public class HealthTests
{
    [Fact]
    public async Task Health_listener_answers_any_host_and_has_nothing_but_health_and_metrics()
    {
        await using var broker = await RunningBroker.StartAsync(options => options with { HealthListen = new(IPAddress.Any, 0) });

        foreach (var path in new[] { "/health/startup", "/health/live", "/health/ready", "/metrics" })
        {
            // Readiness comes with the first token.
            Assert.Contains((await SendAsync(broker, "GET", path)).Status, path == "/health/ready" ? [200, 503] : new[] { 200 });
            Assert.Contains((await SendAsync(broker, "HEAD", path)).Status, path == "/health/ready" ? [200, 503] : new[] { 200 });
            foreach (var method in new[] { "POST", "PUT", "DELETE", "OPTIONS" })
                Assert.Equal(405, (await SendAsync(broker, method, path)).Status);
        }

        Assert.Equal(405, (await SendAsync(broker, "POST", "/tokens/refresh", "X-TokenBroker: 1\r\n")).Status);
        Assert.Equal(404, (await SendAsync(broker, "GET", "/tokens/refresh")).Status);
        Assert.Equal(404, (await SendAsync(broker, "GET", "/acct/c/pattern-10", "x-ms-version: 2021-12-02\r\n")).Status);
        Assert.Equal(0, broker.Storage.Requests.Count);
        Assert.Single(broker.Metadata.Requests);
    }

    [Fact]
    public async Task Listener_is_told_by_its_socket_and_not_by_what_a_request_says()
    {
        await using var broker = await RunningBroker.StartAsync(options => options with { HealthListen = new(IPAddress.Loopback, 0) });

        // Names the data listener, and the admin listener, at the health listener.
        foreach (var host in new[] { broker.Data.Authority, broker.Admin.Authority })
            Assert.Equal(404, (await RawConnection.ExchangeAsync(broker.Health!, $"GET /acct/c/pattern-10 HTTP/1.1\r\nHost: {host}\r\nx-ms-version: 2021-12-02\r\n\r\n")).Status);
        // And the other way round: what health shows to all is not on the data listener.
        Assert.Equal("account-unknown", (await broker.GetAsync("/health/ready")).Header("x-tokenbroker-reason"));
    }

    [Fact]
    public async Task Startup_is_over_with_the_listeners_open_whether_or_not_there_is_a_token()
    {
        await using var broker = await RunningBroker.StartAsync(prepare: (metadata, _) => metadata.Inject(Fault.Answer(400)));

        Assert.Equal("started", Json(await broker.GetAdminAsync("/health/startup")).GetProperty("status").GetString());
        broker.Services.GetRequiredService<Lifecycle>().Enter(Phase.Starting);
        var starting = await broker.GetAdminAsync("/health/startup");
        Assert.Equal((503, "starting"), (starting.Status, Json(starting).GetProperty("reason").GetString()));
    }

    [Fact]
    public async Task Not_ready_says_which_condition_failed_since_when_and_what_to_do()
    {
        var before = TimeProvider.System.GetUtcNow();
        await using var broker = await RunningBroker.StartAsync(prepare: (metadata, _) => metadata.Inject(Fault.Answer(400)));

        var ready = await broker.GetAdminAsync("/health/ready");

        var (report, account) = (Json(ready), Json(ready).GetProperty("accounts")[0]);
        Assert.Equal((503, "no-token"), (ready.Status, report.GetProperty("reason").GetString()));
        foreach (var one in new[] { report, account })
        {
            Assert.InRange(one.GetProperty("since").GetDateTimeOffset(), before, TimeProvider.System.GetUtcNow());
            Assert.NotEmpty(one.GetProperty("whatToDo").GetString()!);
        }

        broker.Services.GetRequiredService<Lifecycle>().Enter(Phase.Stopping);
        Assert.Equal("stopping", Json(await broker.GetAdminAsync("/health/ready")).GetProperty("reason").GetString());
        Assert.Equal(200, (await broker.GetAdminAsync("/health/live")).Status);
    }

    private static JsonElement Json(RawResponse response) => JsonDocument.Parse(response.Text).RootElement;

    private static Task<RawResponse> SendAsync(RunningBroker broker, string method, string path, string headers = "") =>
        RawConnection.ExchangeAsync(new Uri($"http://127.0.0.1:{broker.Health!.Port}"),
            $"{method} {path} HTTP/1.1\r\nHost: pod.example\r\n{headers}Content-Length: 0\r\n\r\n");
}
