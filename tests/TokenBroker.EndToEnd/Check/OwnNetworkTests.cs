using System.Net;
using TokenBroker.EndToEnd.RealAddress;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Processes;
using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.Check;

/// <summary>What depends on the host's network: a name that is not there, and a resolver that is not.</summary>
[Long]
[Requires(Capability.NetworkNamespaces, Capability.MountNamespaces)]
public class OwnNetworkTests
{
    private static readonly IPAddress Resolver = IPAddress.Parse("127.0.0.53");

    [Fact]
    public async Task Wrong_account_name()
    {
        await using var network = await NetworkNamespace.CreateAsync(MetadataProcess.Address);
        await using var emulator = ProcessRun.Start(network.Within(MetadataProcess.Spec()));
        await emulator.LineAsync(MetadataProcess.Listening, RunningSidecar.Limit);
        await using var names = new NameServer(network, Resolver);

        var row = (await CheckAsync(network)).AssertFound(1, "dns-name-unknown (nosuchaccount)");

        Assert.Equal("nosuchaccount.blob.core.windows.net", row.Facts["name"]);
        Assert.Contains("the account's name is wrong", row.Meaning, StringComparison.Ordinal);
        Assert.Contains("private DNS zone privatelink.blob.core.windows.net", row.WhatToDo, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resolver_that_does_not_answer_says_nothing_about_the_name()
    {
        await using var network = await NetworkNamespace.CreateAsync(MetadataProcess.Address);
        await using var emulator = ProcessRun.Start(network.Within(MetadataProcess.Spec()));
        await emulator.LineAsync(MetadataProcess.Listening, RunningSidecar.Limit);

        (await CheckAsync(network)).AssertFound(1, "dns-server-failing (nosuchaccount)");
    }

    private static async Task<CheckRun> CheckAsync(NetworkNamespace network)
    {
        using var directory = new TemporaryDirectory();
        var file = directory.File("resolv.conf");
        await File.WriteAllTextAsync(file, $"nameserver {Resolver}\noptions timeout:1 attempts:1\n", TestContext.Current.CancellationToken);
        return await CheckRun.RunAsync(["--account", "nosuchaccount"], environment: null,
            spec => network.Within(spec.Seeing(file, inPlaceOf: "/etc/resolv.conf")), () => []);
    }
}
