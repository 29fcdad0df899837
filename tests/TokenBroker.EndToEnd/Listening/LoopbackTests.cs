using System.Net;
using System.Net.Sockets;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.TestSupport.Network;
using TokenBroker.TestSupport.Processes;
using Xunit;

namespace TokenBroker.EndToEnd.Listening;

/// <summary>Loopback has two addresses, and a sidecar may have several listeners: all of them serve, or it does not start.</summary>
public class LoopbackTests
{
    [Fact]
    public async Task Localhost_is_both_loopback_addresses_on_one_port_for_every_kind_of_listener()
    {
        await using var scene = await Scene.StartAsync(prepare: (_, settings) => settings with
        {
            Listen = "http://localhost:0",
            Admin = "http://localhost:0",
            Arguments = ["--health-listen", "http://localhost:0"],
        });
        var sidecar = scene.Sidecar;
        await sidecar.UntilReadyAsync();
        var also = (await sidecar.Run.LineAsync(@"Also listening: data (\S+), admin (\S+), health (\S+)", RunningSidecar.Limit)).Groups;
        var health = (await sidecar.Run.LineAsync(@"no authentication\): (http://\S+)", RunningSidecar.Limit)).Groups[1].Value;

        Assert.Equal("127.0.0.1", sidecar.Address.Host);
        Assert.Equal(new[] { sidecar.Address, sidecar.Admin, new Uri(health) }.Select(url => $"http://[::1]:{url.Port}"), [also[1].Value, also[2].Value, also[3].Value]);
        foreach (var address in new[] { "127.0.0.1", "[::1]" })
        {
            foreach (var host in new[] { "127.0.0.1", "[::1]", "localhost", "acct.localhost" })
                Assert.Equal((200, 5), await GetBlobAsync(new($"http://{address}:{sidecar.Address.Port}"), $"{host}:{sidecar.Address.Port}", isInPath: host != "acct.localhost"));
            Assert.Equal(200, (await GetAsync(new($"http://{address}:{sidecar.Admin.Port}"), "/health/ready")).Status);
            Assert.Equal(200, (await GetAsync(new($"http://{address}:{new Uri(health).Port}"), "/health/live")).Status);
        }
    }

    [Fact]
    public async Task Several_listeners_of_both_schemes_serve_and_know_each_other_as_the_source_of_a_copy()
    {
        using var certificates = Certificates.Create();
        await using var scene = await Scene.StartAsync(prepare: (scene, settings) =>
        {
            var files = certificates.WriteTo(Directory.CreateDirectory(scene.Directory.File("tls")).FullName);
            return settings with { Arguments = ["--listen", "https://127.0.0.1:0", "--listen", "http://[::1]:0", "--tls-cert", files.Server, "--tls-key", files.ServerKey] };
        });
        await scene.Sidecar.UntilReadyAsync();
        var also = (await scene.Sidecar.Run.LineAsync(@"Also listening: data (https://\S+), data (http://\S+)", RunningSidecar.Limit)).Groups;
        var listeners = new[] { scene.Sidecar.Address, new Uri(also[1].Value), new Uri(also[2].Value) };

        foreach (var listener in listeners)
            Assert.Equal((200, 5), await GetBlobAsync(listener, listener.Authority, trusted: certificates));
        foreach (var source in listeners)
        {
            var copy = await RawConnection.ExchangeAsync(listeners[0],
                $"PUT /acct/things/copy HTTP/1.1\r\nHost: {listeners[0].Authority}\r\nx-ms-version: 2021-12-02\r\nx-ms-copy-source: {source}acct/things/pattern-5\r\nContent-Length: 0\r\n\r\n");
            Assert.True(copy.Status is 201 or 202, $"{source}: {copy.StatusLine} {copy.Text}");
            Assert.Equal($"{scene.Storage.EndpointOf("acct")}/things/pattern-5", scene.Storage.Requests.All[^1].Header("x-ms-copy-source"));
        }
    }

    [Theory]
    [InlineData("127.0.0.1", "--listen")]
    [InlineData("::1", "--listen")]
    [InlineData("::1", "--admin")]
    [InlineData("::1", "--health-listen")]
    public async Task Port_that_is_taken_on_one_of_the_two_addresses_ends_the_start_with_that_address(string taken, string option)
    {
        using var other = new TcpListener(IPAddress.Parse(taken), 0);
        other.Start();
        var (endpoint, localhost) = ((IPEndPoint)other.LocalEndpoint, $"http://localhost:{((IPEndPoint)other.LocalEndpoint).Port}");
        string[] listeners = [.. new[] { "--listen", "--admin" }.Where(name => name != option).SelectMany(name => new[] { name, "http://127.0.0.1:0" }), option, localhost];
        var result = await ProcessRun.CompleteAsync(SidecarBinary.Spec(["--account", "photos", "--metadata-endpoint", "http://127.0.0.1:1", .. listeners]));

        Assert.Equal(1, result.ExitCode);
        Assert.Equal(
            $"tokenbroker: Failed to bind to address http://{endpoint}: address already in use ({localhost} needs the port on 127.0.0.1 and on [::1]). Give another port with --listen, --admin or --health-listen.",
            result.Output);
    }

    private static Task<RawResponse> GetAsync(Uri address, string target) =>
        RawConnection.ExchangeAsync(address, $"GET {target} HTTP/1.1\r\nHost: {address.Authority}\r\n\r\n");

    private static async Task<(int Status, int Length)> GetBlobAsync(Uri address, string host, bool isInPath = true, Certificates? trusted = null)
    {
        var answer = await RawConnection.ExchangeAsync(address,
            $"GET {(isInPath ? "/acct" : "")}/things/pattern-5 HTTP/1.1\r\nHost: {host}\r\nx-ms-version: 2021-12-02\r\n\r\n", trusted);
        return (answer.Status, answer.Body.Length);
    }
}
