using System.Globalization;
using System.Net;
using System.Text;
using TokenBroker.EndToEnd.Memory;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Requirements;
using TokenBroker.TestSupport.Storage;
using Xunit;

namespace TokenBroker.EndToEnd.Limits;

/// <summary>
/// In a container of little memory, clients that send much and end nothing do not end the process. One round each, or as
/// many as <c>TOKENBROKER_MEMORY_ROUNDS</c> says.
/// </summary>
[Requires(Capability.MemoryGroups)]
[Collection(nameof(LongTests))]
public class MemoryLimitTests
{
    private const int MiB = 1024 * 1024;

    private static int Rounds => int.TryParse(Environment.GetEnvironmentVariable("TOKENBROKER_MEMORY_ROUNDS"), CultureInfo.InvariantCulture, out var rounds) ? rounds : 1;

    [Theory, Long]
    [InlineData(512, 400)]
    [InlineData(256, 150)]
    public Task Uploads_without_a_length_leave_the_process_alive(int memory, int count)
    {
        var upload = Encoding.ASCII.GetBytes($"PUT /{Scene.Account}/{Scene.Container}/b HTTP/1.1\r\nHost: HOST\r\nx-ms-version: 2021-12-02\r\nx-ms-blob-type: BlockBlob\r\n"
            + $"Transfer-Encoding: chunked\r\n\r\n{4 * MiB:x}\r\n{new string('x', (4 * MiB) - 1)}"); // all but the end
        return Survive(memory, count, upload, toHealth: false, []);
    }

    [Theory, Long]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public Task Half_sent_heads_leave_the_process_alive(bool toHealth, bool withKey)
    {
        var lines = string.Concat(Enumerable.Range(0, 60).Select(i => $"x-ms-meta-a{i}: {new string('v', 1000)}\r\n"));
        return Survive(256, 2100, Encoding.ASCII.GetBytes($"GET /{Scene.Account}/{Scene.Container}/b HTTP/1.1\r\nHost: HOST\r\n{lines}"), toHealth, withKey ? ["--caller-key"] : []);
    }

    private static async Task Survive(int memory, int count, byte[] bytes, bool toHealth, IReadOnlyList<string> arguments)
    {
        for (var round = 0; round < Rounds; round++)
        {
            using var group = new MemoryGroup(memory * (long)MiB);
            await using var scene = await Scene.StartAsync(prepare: (scene, settings) => settings with
            {
                Arguments = ["--health-listen", "http://127.0.0.1:0", .. arguments.Count == 0 ? arguments : [.. arguments, KeyFile(scene)]],
                Wrap = group.Within,
            });
            var sidecar = scene.Sidecar;
            await sidecar.UntilReadyAsync();
            var health = TcpSockets.Listeners(sidecar.Run.Id).Single(address => address.Port != sidecar.Address.Port && address.Port != sidecar.Admin.Port);
            await using var clients = new IdleClients();
            await clients.SendAsync(toHealth ? health : new(IPAddress.Loopback, sidecar.Address.Port), count, bytes, limit: TimeSpan.FromSeconds(5));

            await sidecar.UntilReadyAsync(); // while they are connected
            Assert.False(sidecar.Run.HasExited, sidecar.Run.Output);
            var peak = ProcessMemory.Peak(sidecar.Run.Id) / MiB;
            await clients.DisposeAsync();
            if (arguments.Count == 0)
                await Wait.UntilAsync(() => IsServedAsync(scene), RunningSidecar.Limit, "requests are served");
            TestContext.Current.TestOutputHelper?.WriteLine($"round {round + 1}: alive in {memory} MiB with {count} clients, {peak} MiB resident at most");
        }
    }

    private static string KeyFile(Scene scene)
    {
        var file = Path.Combine(scene.Directory.Path, "caller.key");
        File.WriteAllText(file, Convert.ToBase64String(Enumerable.Range(0, 64).Select(i => (byte)i).ToArray()));
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return file;
    }

    private static async ValueTask<bool> IsServedAsync(Scene scene)
    {
        using var http = Http.CreateClient();
        try
        {
            using var request = Http.Get(scene.Blob("pattern-10"));
            using var answer = await http.SendAsync(request);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
