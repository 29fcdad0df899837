using System.Text.Json;
using TokenBroker.EndToEnd.Sidecars;
using Xunit;

namespace TokenBroker.EndToEnd.Telemetry;

/// <summary>By choice, the log is an object a line, for programs that read it.</summary>
public class JsonLogTests
{
    [Fact]
    public async Task Every_line_is_an_object_with_time_level_event_and_the_messages_values()
    {
        await using var scene = await Scene.StartAsync(prepare: (_, settings) => settings with { Arguments = ["--log-format", "json", "--log-level", "debug"] });
        await scene.Sidecar.UntilReadyAsync();
        using var http = Http.CreateClient();
        using var refused = await http.SendAsync(Http.Get(scene.Sidecar.At("nobody/c/b")));
        await scene.Sidecar.StopAsync();

        var lines = scene.Sidecar.Run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.All(lines, line => Assert.True(line.GetProperty("Timestamp").GetDateTimeOffset() > DateTimeOffset.UnixEpoch));
        var refusal = Assert.Single(lines, line => line.GetProperty("EventId").GetInt32() == 200);
        Assert.Equal(("Warning", "account-unknown"), (refusal.GetProperty("LogLevel").GetString(), refusal.GetProperty("State").GetProperty("Reason").GetString()));
        Assert.Equal(refused.Headers.GetValues("x-ms-request-id").Single(), refusal.GetProperty("State").GetProperty("RequestId").GetString());
    }
}
