using System.Net;
using System.Net.Sockets;
using TokenBroker.TestSupport.Network;
using TokenBroker.TestSupport.Requirements;
using TokenBroker.TestSupport.Storage;
using Xunit;

namespace TokenBroker.EndToEnd.Check;

/// <summary>The same of the way to storage: its address, its port, its certificate, and web proxies.</summary>
[Long]
public class WayToStorageTests
{
    [Fact]
    public async Task Untrusted_certificate_names_its_issuer_and_gets_no_token()
    {
        await using var scene = await CheckScene.StartAsync();

        var row = (await scene.RunAsync(trusts: false)).AssertFound(1, "tls-untrusted (acct)");

        Assert.Equal(scene.Storage.Certificates!.Authority.Subject, row.Facts["issued by"]);
        Assert.Contains("--upstream-ca", row.WhatToDo, StringComparison.Ordinal);
        Assert.Equal(0, scene.Storage.Requests.Count);
    }

    [Fact]
    public async Task Certificate_for_another_name_is_another_cause()
    {
        await using var scene = await CheckScene.StartAsync();
        using var certificates = Certificates.Create("elsewhere.example");
        await using var storage = await StrictStorage.StartAsync(new() { Certificates = certificates });
        certificates.WriteTo(scene.Directory.Path);

        var row = (await scene.RunAsync(endpoint: storage.EndpointOf())).AssertFound(1, "tls-wrong-name (acct)");

        Assert.Equal("elsewhere.example", row.Facts["names"]);
        Assert.Equal(0, storage.Requests.Count);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(403)]
    [InlineData(407)]
    public async Task Web_proxy_in_the_way(int status)
    {
        await using var scene = await CheckScene.StartAsync();
        using var certificates = Certificates.Create();
        certificates.WriteTo(scene.Directory.Path); // the company's authority is trusted
        await using var proxy = await InterceptingProxy.StartAsync(certificates, status);

        var row = (await scene.RunAsync(endpoint: proxy.Address)).AssertFound(1, "proxy-answers (acct)");

        Assert.Equal(("1.1 proxy.corp.example (squid/6.6)", $"{status}"), (row.Facts["answered by"], row.Facts["status"]));
    }

    [Fact]
    public async Task Web_proxy_of_the_environment_is_told_and_not_used()
    {
        await using var scene = await CheckScene.StartAsync();

        var run = await scene.RunAsync(environment: new Dictionary<string, string> { ["HTTPS_PROXY"] = "http://user:password@127.0.0.1:9" });

        Assert.True(run.ExitCode == 0, run.Table);
        Assert.Equal("HTTPS_PROXY", run.Row("proxy-variables").Facts["variables"]);
        Assert.DoesNotContain("password", run.Table, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Account_whose_address_is_the_sidecar_itself()
    {
        await using var scene = await CheckScene.StartAsync();

        // As a hosts entry does it. Nothing listens there: where the sidecar would is known from the settings.
        var run = await scene.RunAsync(endpoint: new("https://127.0.0.1:11000"), listen: "http://127.0.0.1:11000");

        var row = run.AssertFound(1, "dns-is-sidecar (acct)");

        Assert.Contains("Accounts:acct:ConnectTo", row.WhatToDo, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_at_storages_port()
    {
        await using var scene = await CheckScene.StartAsync();
        using var closed = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        closed.Bind(new IPEndPoint(IPAddress.Loopback, 0));

        (await scene.RunAsync(endpoint: new($"https://{closed.LocalEndPoint}/acct"))).AssertFound(1, "tcp-unreachable (acct)");
    }

    [Fact]
    public async Task Something_that_speaks_no_TLS_at_storages_port()
    {
        await using var scene = await CheckScene.StartAsync();
        var plain = new UriBuilder(scene.Imds.BaseAddress) { Scheme = "https", Path = "/acct" }.Uri;

        (await scene.RunAsync(endpoint: plain)).AssertFound(1, "tls-failed (acct)");
    }
}
