using System.Net;
using TokenBroker.EndToEnd.Check;
using TokenBroker.EndToEnd.HostsEntry;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.Imds;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Network;
using TokenBroker.TestSupport.Requirements;
using TokenBroker.TestSupport.Storage;
using Xunit;

namespace TokenBroker.EndToEnd.ReachingStorage;

/// <summary>Storage's name has an IPv6 address at which nothing answers, and an IPv4 address that is well.</summary>
[Requires(Capability.Linux, Capability.MountNamespaces)]
public sealed class DeadAddressTests : IAsyncLifetime
{
    private const string Host = "acct.storage.test";

    private readonly TemporaryDirectory _directory = new();
    private ImdsEmulator _imds = null!;
    private StrictStorage _storage = null!;
    private FullBacklog _dead = null!;
    private HostsFile _hosts = null!;

    public async ValueTask InitializeAsync()
    {
        _imds = await ImdsEmulator.StartAsync();
        _storage = await StrictStorage.StartAsync(new() { Names = [Host] });
        _storage.Account().CreateContainer(Scene.Container);
        _dead = new(new(IPAddress.IPv6Loopback, _storage.Address.Port));
        _hosts = new(_directory.File("hosts"));
        await _hosts.WriteAsync($"::1 {Host}", $"127.0.0.1 {Host}");
    }

    public async ValueTask DisposeAsync()
    {
        await _storage.DisposeAsync();
        await _imds.DisposeAsync();
        _dead.Dispose();
        _directory.Dispose();
    }

    /// <summary>Less than one wait for the dead address, which ConnectTimeout ends: it must not be reached even once.</summary>
    [Fact]
    public async Task Requests_do_not_wait_for_it()
    {
        await using var sidecar = await RunningSidecar.StartAsync(_hosts.Within(SidecarBinary.Spec([.. Settings().ToArguments(), "--log-level", "debug"])
            .With(new Dictionary<string, string> { ["TOKENBROKER__Upstream__ConnectTimeout"] = "1h" })));
        await sidecar.UntilReadyAsync();
        using var http = Http.CreateClient();

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(async at =>
        {
            using var answer = await http.SendAsync(Http.Get(sidecar.At($"acct/{Scene.Container}/pattern-{at + 1}"))).WaitAsync(RunningSidecar.Limit);
            return answer.StatusCode;
        }));

        Assert.All(answers, status => Assert.Equal(HttpStatusCode.OK, status));
    }

    [Fact]
    public async Task Check_names_the_address_that_answered_and_the_one_that_did_not()
    {
        var run = await CheckRun.RunAsync(Settings().ToArguments(), environment: null, _hosts.Within, () => _imds.Tokens.Select(token => token.Value));

        var row = run.Row("tcp-connected");
        Assert.Equal($"127.0.0.1:{_storage.Address.Port}", row.Facts["answered"]);
        Assert.Equal("::1 (no answer in time)", row.Facts["did not answer"]);
    }

    private SidecarSettings Settings() => new()
    {
        Accounts = [("acct", new($"https://{Host}:{_storage.Address.Port}"))],
        UpstreamCa = _storage.Certificates!.WriteTo(_directory.Path).Authority,
        MetadataEndpoint = _imds.BaseAddress,
    };
}
