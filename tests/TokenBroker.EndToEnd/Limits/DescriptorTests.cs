using System.Globalization;
using System.Net;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Network;
using TokenBroker.TestSupport.Processes;
using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.Limits;

/// <summary>A process with few descriptors takes fewer connections, and goes on as ever when more clients connect.</summary>
[Requires(Capability.Linux)]
public class DescriptorTests
{
    private const int Clients = 1200;

    /// <summary>Long enough that the process's own few milliseconds do not count.</summary>
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData("data")]
    [InlineData("health")]
    public async Task Clients_beyond_the_descriptors_cost_nothing_and_the_others_are_served(string listener)
    {
        await using var scene = await Scene.StartAsync(prepare: (_, settings) => settings with
        {
            Arguments = ["--health-listen", "http://127.0.0.1:0"],
            Wrap = OpenFileLimit.Of(1024),
        });
        var sidecar = scene.Sidecar;
        await sidecar.Run.LineAsync("The limit of 1024 open files allows .* LimitNOFILE= or ulimit -n", RunningSidecar.Limit);
        await sidecar.UntilReadyAsync();
        var health = TcpSockets.Listeners(sidecar.Run.Id).Single(address => address.Port != sidecar.Address.Port && address.Port != sidecar.Admin.Port);
        await using var standing = await RawConnection.OpenAsync(sidecar.Address);

        await using (var clients = new IdleClients())
        {
            await clients.ConnectAsync(listener == "data" ? new(IPAddress.Loopback, sidecar.Address.Port) : health, Clients);
            var served = listener == "data" ? 1024 / 2 : 32;
            await Wait.UntilAsync(() => clients.ClosedByPeer >= Clients - served, RunningSidecar.Limit, "those beyond the limit are closed");

            var before = ProcessTime.Of(sidecar.Run.Id);
            await Task.Delay(Measured, TestContext.Current.CancellationToken); // the time itself is what is measured
            var share = (ProcessTime.Of(sidecar.Run.Id) - before) / Measured;
            TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{listener} full: {share:P2} of a core"));
            Assert.InRange(share, 0, 0.05);

            await standing.SendAsync(Get(sidecar));
            Assert.Equal(200, (await standing.ReadResponseAsync()).Status);
            Assert.Equal(200, await GetAsync(new($"http://{health}/health/ready")));
            await RefreshAsync(sidecar);
        }

        await Wait.UntilAsync(async () => await GetAsync(scene.Blob("pattern-10")) == 200, RunningSidecar.Limit, "new clients are served");
    }

    [Fact]
    public async Task Fewest_open_files_suffice_whatever_connects()
    {
        await using var scene = await Scene.StartAsync(prepare: (_, settings) => settings with
        {
            Arguments = ["--health-listen", "http://127.0.0.1:0"],
            Wrap = OpenFileLimit.Of(256),
        });
        var sidecar = scene.Sidecar;
        await sidecar.UntilReadyAsync();
        await using var standing = await RawConnection.OpenAsync(sidecar.Address);
        await standing.SendAsync(Get(sidecar));
        Assert.Equal(200, (await standing.ReadResponseAsync()).Status);

        await using (var clients = new IdleClients())
        {
            foreach (var listener in TcpSockets.Listeners(sidecar.Run.Id))
                await clients.ConnectAsync(listener, 200);
            await Wait.UntilAsync(() => clients.ClosedByPeer >= 500, RunningSidecar.Limit, "those beyond the limits are closed");

            await standing.SendAsync(Get(sidecar));
            Assert.Equal(200, (await standing.ReadResponseAsync()).Status);
            await RefreshAsync(sidecar);
            Assert.False(sidecar.Run.HasExited, sidecar.Run.Output);
        }

        await Wait.UntilAsync(async () => await GetAsync(scene.Blob("pattern-10")) == 200, RunningSidecar.Limit, "new clients are served");
    }

    [Theory]
    [InlineData(64)]
    [InlineData(128)]
    [InlineData(255)]
    public async Task Too_few_open_files_end_the_start_with_a_sentence(int limit)
    {
        var run = await ProcessRun.CompleteAsync(OpenFileLimit.Of(limit)(SidecarBinary.Spec(["--account", "acct"])));

        Assert.Equal((1, "tokenbroker: The limit of open files is too low. Raise it to at least 256 with LimitNOFILE= or ulimit -n."), (run.ExitCode, run.Output.Trim()));
    }

    [Fact]
    public async Task Missing_descriptor_is_told_as_such_and_not_as_a_fault_of_the_network()
    {
        // A connection to an address where nothing listens is never kept, so that each request makes a new one.
        await using var scene = await Scene.StartAsync(prepare: (_, settings) => settings with { Accounts = [.. settings.Accounts, ("nobody", new("https://127.0.0.1:1"))] });
        await scene.Sidecar.UntilReadyAsync();
        await using var connection = await RawConnection.OpenAsync(scene.Sidecar.Address);
        // The runtime opens its libraries when it first needs them. Without a descriptor, that ends the process.
        var refused = await GetOfNobodyAsync(connection, scene.Sidecar);
        Assert.Equal((503, "upstream-unreachable"), (refused.Status, refused.Header("x-tokenbroker-reason")));

        await OpenFileLimit.LowerToWhatIsOpenAsync(scene.Sidecar.Run.Id);
        refused = await GetOfNobodyAsync(connection, scene.Sidecar);

        Assert.Equal((503, "descriptors-exhausted"), (refused.Status, refused.Header("x-tokenbroker-reason")));
        Assert.Contains("LimitNOFILE=", refused.Text, StringComparison.Ordinal);
    }

    private static async Task<RawResponse> GetOfNobodyAsync(RawConnection connection, RunningSidecar sidecar)
    {
        await connection.SendAsync($"GET /nobody/c/b HTTP/1.1\r\nHost: {sidecar.Address.Authority}\r\nx-ms-version: 2021-12-02\r\n\r\n");
        return await connection.ReadResponseAsync();
    }

    private static string Get(RunningSidecar sidecar) =>
        $"GET /{Scene.Account}/{Scene.Container}/pattern-10 HTTP/1.1\r\nHost: {sidecar.Address.Authority}\r\nx-ms-version: 2021-12-02\r\n\r\n";

    private static async Task<int> GetAsync(Uri address)
    {
        using var http = Http.CreateClient();
        try
        {
            using var request = Http.Get(address);
            using var answer = await http.SendAsync(request);
            return (int)answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            return 0;
        }
    }

    private static async Task RefreshAsync(RunningSidecar sidecar)
    {
        using var http = Http.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(sidecar.Admin, "/tokens/refresh"));
        request.Headers.Add("X-TokenBroker", "1");
        using var answer = await http.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }
}
