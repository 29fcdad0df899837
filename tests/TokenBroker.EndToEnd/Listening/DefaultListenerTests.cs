using System.Net;
using TokenBroker.EndToEnd.RealAddress;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Processes;
using TokenBroker.TestSupport.Requirements;
using TokenBroker.TestSupport.Storage;
using Xunit;

namespace TokenBroker.EndToEnd.Listening;

/// <summary>The usual ports, in a network where nobody else has them.</summary>
[Requires(Capability.NetworkNamespaces)]
public class DefaultListenerTests
{
    private const string WithoutIPv6 = "echo 1 > /proc/sys/net/ipv6/conf/lo/disable_ipv6 && exec \"$@\"";

    [Fact]
    public async Task Default_listeners_serve_both_loopback_addresses_and_are_never_dialled()
    {
        await using var network = await NetworkNamespace.CreateAsync(MetadataProcess.Address);
        await using var emulator = await StartEmulatorAsync(network);
        using var directory = new TemporaryDirectory();
        await using var storage = await StrictStorage.StartAsync(new() { CreateListenSocket = network.Listen });
        await using var sidecar = await RunningSidecar.StartAsync(network.Within(SidecarBinary.Spec(
            "--account", $"acct={storage.EndpointOf("acct")}", "--account", "loop=https://[::1]:11000/loop", "--account", "loop2=https://127.0.0.1:11000/loop2",
            "--upstream-ca", storage.Certificates!.WriteTo(directory.Path).Authority, "--exit-with-stdin")));
        using var client = network.CreateClient();

        Assert.Equal((new Uri("http://127.0.0.1:11000"), new Uri("http://127.0.0.1:11080")), (sidecar.Address, sidecar.Admin));
        foreach (var host in new[] { "127.0.0.1", "[::1]" })
        {
            Assert.Equal((HttpStatusCode.OK, null), await GetAsync(client, $"http://{host}:11000/acct/c/pattern-5"));
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "upstream-is-sidecar"), await GetAsync(client, $"http://{host}:11000/loop/c/b"));
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "upstream-is-sidecar"), await GetAsync(client, $"http://{host}:11000/loop2/c/b"));
            Assert.Equal((HttpStatusCode.OK, null), await GetAsync(client, $"http://{host}:11080/health/live"));
        }
    }

    [Fact]
    public async Task Host_without_IPv6_is_served_on_the_other_address_and_told_so()
    {
        await using var network = await NetworkNamespace.CreateAsync(MetadataProcess.Address);
        var spec = SidecarBinary.Spec("--account", "acct", "--metadata-endpoint", "http://127.0.0.1:1", "--exit-with-stdin");
        await using var sidecar = await RunningSidecar.StartAsync(network.Within(spec with { File = "sh", Arguments = ["-c", WithoutIPv6, "sh", spec.File, .. spec.Arguments] }));
        using var client = network.CreateClient();

        Assert.Equal((HttpStatusCode.OK, null), await GetAsync(client, "http://127.0.0.1:11080/health/live"));
        foreach (var listener in new[] { "http://localhost:11000", "http://localhost:11080" })
            await sidecar.Run.LineAsync($"IPv6 loopback is not available on this host: {listener} serves 127.0.0.1 only", RunningSidecar.Limit);
        Assert.DoesNotContain("[::1]", sidecar.Run.Output, StringComparison.Ordinal);
    }

    private static async Task<ProcessRun> StartEmulatorAsync(NetworkNamespace network)
    {
        var emulator = ProcessRun.Start(network.Within(MetadataProcess.Spec()));
        await emulator.LineAsync(MetadataProcess.Listening, RunningSidecar.Limit);
        return emulator;
    }

    private static async Task<(HttpStatusCode Status, string? Reason)> GetAsync(HttpClient client, string url)
    {
        using var request = Http.Get(new(url));
        using var answer = await client.SendAsync(request);
        return (answer.StatusCode, answer.Headers.TryGetValues("x-tokenbroker-reason", out var reasons) ? reasons.Single() : null);
    }
}
