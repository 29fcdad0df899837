using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using TokenBroker.EndToEnd.Environments;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Processes;
using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.Lifetime;

/// <summary>What systemd sees of the sidecar, and what it makes of the unit file that comes with it.</summary>
public partial class ServiceManagerTests
{
    private static string Unit => Repository.PathOf("compose/systemd/tokenbroker.service");

    [Fact, Requires(Capability.Linux)]
    public async Task Service_manager_is_told_when_it_is_ready_and_when_it_stops()
    {
        using var directory = new TemporaryDirectory();
        var path = directory.File("notify");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        await using var sidecar = await RunningSidecar.StartAsync(new SidecarSettings
        {
            Accounts = [("photos", new Uri("https://127.0.0.1:9/photos"))],
            MetadataEndpoint = new Uri("http://127.0.0.1:9"),
            Environment = new Dictionary<string, string> { ["NOTIFY_SOCKET"] = path },
        });

        Assert.Equal("READY=1", await ReceiveAsync(socket));
        await Signals.SendAsync(sidecar.Run.Id, Signals.Terminate);
        Assert.Equal("STOPPING=1", await ReceiveAsync(socket));
        Assert.Equal(0, await sidecar.Run.ExitAsync(RunningSidecar.Limit));
    }

    [Fact, Requires(Capability.Linux)]
    public async Task Service_manager_that_cannot_be_told_keeps_nothing_from_starting()
    {
        await using var sidecar = await RunningSidecar.StartAsync(new SidecarSettings
        {
            Accounts = [("photos", new Uri("https://127.0.0.1:9/photos"))],
            MetadataEndpoint = new Uri("http://127.0.0.1:9"),
            Environment = new Dictionary<string, string> { ["NOTIFY_SOCKET"] = "/nonexistent/socket" },
        });

        await sidecar.Run.LineAsync("\\(NOTIFY_SOCKET\\) could not be notified", RunningSidecar.Limit);
        Assert.Equal(0, await sidecar.StopAsync());
    }

    [Fact, Requires(Capability.Systemd)]
    public async Task Unit_file_is_as_hardened_as_the_docs_say()
    {
        var run = await ProcessRun.CompleteAsync(new ProcessSpec("systemd-analyze", "security", "--offline=true", "--no-pager", Unit));

        var quoted = Quoted().Match(await File.ReadAllTextAsync(Repository.PathOf("docs/operations.md"))).Groups[1].Value;
        // A newer systemd looks at a little more.
        Assert.InRange(Number(Score().Match(run.Output).Groups[1].Value), 0, Number(quoted) + 0.3);
        Assert.Contains("LimitCORE=0", await File.ReadAllTextAsync(Unit), StringComparison.Ordinal);
    }

    private static async Task<string> ReceiveAsync(Socket socket)
    {
        var buffer = new byte[4096];
        using var limit = new CancellationTokenSource(RunningSidecar.Limit);
        return Encoding.UTF8.GetString(buffer, 0, await socket.ReceiveAsync(buffer, limit.Token)).Trim();
    }

    private static double Number(string text) => double.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    [GeneratedRegex(@"score of (\d\.\d) of 10")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"Overall exposure level for \S+: (\S+) ")]
    private static partial Regex Score();
}
