using System.Net;
using System.Net.Sockets;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.TestSupport.Network;
using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.ForeignSettings;

/// <summary>
/// Arguments, <c>--config</c> and <c>TOKENBROKER__…</c> are all that is read. What ASP.NET reads by itself elsewhere
/// (variables, a file in the working directory) could move a listener, silence the log or hide a header.
/// </summary>
public class ForeignSettingsTests
{
    [Fact]
    [Requires(Capability.Linux)]
    public async Task It_listens_on_the_two_configured_addresses_and_nowhere_else()
    {
        using var foreign = new ForeignPorts();
        await using var scene = await StartAsync(foreign);

        var listening = TcpSockets.Listeners(scene.Sidecar.Run.Id);
        Assert.Equal(
            new[] { scene.Sidecar.Address, scene.Sidecar.Admin }.Select(address => IPEndPoint.Parse(address.Authority).ToString()).Order(),
            listening.Select(address => address.ToString()).Order());
    }

    [Fact]
    public async Task Forwarded_header_is_refused_and_not_believed()
    {
        using var foreign = new ForeignPorts();
        await using var scene = await StartAsync(foreign);
        var answer = await RawConnection.ExchangeAsync(scene.Sidecar.Address,
            $"GET /acct/things/pattern-1 HTTP/1.1\r\nHost: {scene.Sidecar.Address.Authority}\r\nx-ms-version: 2021-12-02\r\nX-Forwarded-For: 127.0.0.1\r\n\r\n");

        Assert.Equal((403, "forwarded-request"), (answer.Status, answer.Header("x-tokenbroker-reason")));
        Assert.Empty(scene.Storage.Requests.All);
    }

    [Fact]
    public async Task Host_and_log_level_stay_as_configured()
    {
        using var foreign = new ForeignPorts();
        await using var scene = await StartAsync(foreign);
        await scene.Sidecar.UntilReadyAsync();
        using var http = Http.CreateClient();
        using var request = Http.Get(scene.Blob("pattern-1"));
        using var served = await http.SendAsync(request);
        var stranger = await RawConnection.ExchangeAsync(scene.Sidecar.Address,
            "GET /acct/things/pattern-1 HTTP/1.1\r\nHost: evil.example\r\nx-ms-version: 2021-12-02\r\n\r\n");

        Assert.Equal(HttpStatusCode.OK, served.StatusCode);
        Assert.Equal((403, "host-not-allowed"), (stranger.Status, stranger.Header("x-tokenbroker-reason")));
        Assert.All(scene.Sidecar.Run.Output.Split('\n'), line => Assert.Matches("Z (info|warn|fail): ", line));
    }

    private static Task<Scene> StartAsync(ForeignPorts foreign) => Scene.StartAsync(prepare: (scene, settings) =>
    {
        var (one, two) = (foreign.Addresses[0], foreign.Addresses[1]);
        File.WriteAllText(scene.Directory.File("appsettings.json"), $$$"""
            { "urls": "{{{one}}}", "AllowedHosts": "*", "ForwardedHeaders_Enabled": true, "Logging": { "LogLevel": { "Default": "Trace", "Microsoft.AspNetCore": "Trace" } },
              "Kestrel": { "Endpoints": { "File": { "Url": "{{{two}}}" } } }, "Listen": "{{{one}}}" }
            """);
        File.Copy(scene.Directory.File("appsettings.json"), scene.Directory.File("appsettings.Development.json"));
        return settings with
        {
            WorkingDirectory = scene.Directory.Path,
            Environment = new Dictionary<string, string>
            {
                ["ASPNETCORE_FORWARDEDHEADERS_ENABLED"] = "true",
                ["DOTNET_FORWARDEDHEADERS_ENABLED"] = "true",
                ["ASPNETCORE_URLS"] = one,
                ["DOTNET_URLS"] = one,
                ["URLS"] = one,
                ["ASPNETCORE_HTTP_PORTS"] = new Uri(two).Port.ToString(),
                ["HTTP_PORTS"] = new Uri(two).Port.ToString(),
                ["ASPNETCORE_HOSTINGSTARTUPASSEMBLIES"] = "Nonsense",
                ["DOTNET_HOSTINGSTARTUPASSEMBLIES"] = "Nonsense",
                ["ASPNETCORE_ENVIRONMENT"] = "Development",
                ["DOTNET_ENVIRONMENT"] = "Development",
                ["ASPNETCORE_CONTENTROOT"] = scene.Directory.Path,
                ["ASPNETCORE_ALLOWEDHOSTS"] = "*",
                ["Kestrel__Endpoints__X__Url"] = two,
                ["ASPNETCORE_Kestrel__Endpoints__X__Url"] = two,
                ["Logging__LogLevel__Default"] = "Trace",
                ["Logging__Console__LogLevel__Default"] = "Trace",
                ["Listen"] = one,
                ["LogLevel"] = "trace",
            },
        };
    });

    /// <summary>Two ports that are bound and not listened on: whoever tries to listen there fails, and a wrong listener would not start.</summary>
    private sealed class ForeignPorts : IDisposable
    {
        private readonly Socket[] _bound = [Bind(), Bind()];

        public IReadOnlyList<string> Addresses => [.. _bound.Select(socket => $"http://{socket.LocalEndPoint}")];

        public void Dispose() => Array.ForEach(_bound, socket => socket.Dispose());

        private static Socket Bind()
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            return socket;
        }
    }
}
