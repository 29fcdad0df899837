using System.Globalization;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.TestSupport;
using Xunit;

namespace TokenBroker.EndToEnd.Streams;

/// <summary>What a sidecar holds for its requests, counted from outside.</summary>
/// <param name="Clients">Connections of clients.</param>
/// <param name="Upstream">Connections to storage, as the sidecar's process has them.</param>
/// <param name="AtStorage">Connections to storage, as storage has them.</param>
/// <param name="Active">Requests in flight by its own metric.</param>
internal sealed record Holdings(int Clients, int Upstream, int AtStorage, int Active)
{
    /// <summary>No client, no request, and the one connection to storage that is kept for the next.</summary>
    private static readonly Holdings AtRest = new(0, 1, 1, 0);

    /// <summary>Sends one small request, and then nothing is held but its connection to storage.</summary>
    public static async Task AssertAtRestAsync(Scene scene)
    {
        using (var http = Http.CreateClient())
        using (var request = Http.Get(scene.Blob("pattern-1")))
        using (var answer = await http.SendAsync(request))
            Assert.True(answer.IsSuccessStatusCode);
        Holdings? held = null;
        try
        {
            await Wait.UntilAsync(async () => (held = await CountAsync(scene)) == AtRest, TimeSpan.FromSeconds(20), "nothing is held");
        }
        catch (TimeoutException)
        {
            Assert.Equal(AtRest, held);
        }
    }

    private static async Task<Holdings> CountAsync(Scene scene)
    {
        var active = await ActiveAsync(scene);
        var connections = TcpSockets.Connections(scene.Sidecar.Run.Id);
        return new(
            connections.Count(connection => connection.Local.Port == scene.Sidecar.Address.Port),
            connections.Count(connection => connection.Remote.Port == scene.Storage.Address.Port),
            scene.Storage.OpenConnections,
            active);
    }

    private static async Task<int> ActiveAsync(Scene scene)
    {
        using var http = Http.CreateClient();
        var metrics = await http.GetStringAsync(new Uri(scene.Sidecar.Admin, "/metrics"));
        var line = metrics.Split('\n').Single(line => line.StartsWith("tokenbroker_proxy_active_requests{", StringComparison.Ordinal));
        return int.Parse(line[(line.IndexOf('}', StringComparison.Ordinal) + 1)..].Trim().Split(' ')[0], CultureInfo.InvariantCulture);
    }
}
