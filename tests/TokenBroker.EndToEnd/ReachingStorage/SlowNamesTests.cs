using System.Net;
using TokenBroker.EndToEnd.Check;
using TokenBroker.EndToEnd.RealAddress;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Processes;
using TokenBroker.TestSupport.Requirements;
using TokenBroker.TestSupport.Storage;
using Xunit;

namespace TokenBroker.EndToEnd.ReachingStorage;

/// <summary>DNS takes a second for each answer, and later fails.</summary>
[Requires(Capability.NetworkNamespaces, Capability.MountNamespaces)]
public class SlowNamesTests
{
    private const string Host = "acct.storage.test";
    private const int Transfers = 30;

    private static readonly IPAddress Resolver = IPAddress.Parse("127.0.0.53");

    [Fact]
    public async Task Names_that_DNS_does_not_answer_for_leave_the_other_accounts_served()
    {
        await using var network = await NetworkNamespace.CreateAsync(MetadataProcess.Address);
        await using var emulator = ProcessRun.Start(network.Within(MetadataProcess.Spec()));
        await emulator.LineAsync(MetadataProcess.Listening, RunningSidecar.Limit);
        await using var names = new NameServer(network, Resolver) { Delay = Timeout.InfiniteTimeSpan };
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(directory.File("resolv.conf"), $"nameserver {Resolver}\noptions timeout:15\n", TestContext.Current.CancellationToken);
        await using var storage = await StrictStorage.StartAsync(new() { CreateListenSocket = network.Listen, Names = [IPAddress.Loopback.ToString()] });
        storage.Account().CreateContainer(Scene.Container);
        var silent = Enumerable.Range(0, 60).Select(i => $"silent{i}").ToList();
        var settings = new SidecarSettings
        {
            Accounts = [("acct", storage.EndpointOf()), .. silent.Select(name => (name, new Uri($"https://{name}.storage.test")))],
            UpstreamCa = storage.Certificates!.WriteTo(directory.Path).Authority,
        };
        await using var sidecar = await RunningSidecar.StartAsync(network.Within(SidecarBinary.Spec(settings.ToArguments())
            .Seeing(directory.File("resolv.conf"), inPlaceOf: "/etc/resolv.conf")));
        using var client = network.CreateClient();
        client.Timeout = TimeSpan.FromSeconds(10); // a lookup takes 30 s until it fails
        using (var first = await client.SendAsync(Http.Get(sidecar.At($"acct/{Scene.Container}/pattern-10"))))
            Assert.Equal(HttpStatusCode.OK, first.StatusCode);

        using var end = new CancellationTokenSource();
        var waiting = silent.Select(name => client.SendAsync(Http.Get(sidecar.At($"{name}/{Scene.Container}/b")), end.Token)).ToList();
        await Wait.UntilAsync(() => names.Questions.Count > 0, RunningSidecar.Limit, "DNS is asked");
        for (var i = 0; i < 20; i++)
        {
            using var answer = await client.SendAsync(Http.Get(sidecar.At($"acct/{Scene.Container}/pattern-10")));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        await end.CancelAsync();
        await Task.WhenAll(waiting).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    [Fact]
    public async Task Transfers_share_a_lookup_and_go_on_with_the_last_good_address_when_DNS_fails()
    {
        await using var network = await NetworkNamespace.CreateAsync(MetadataProcess.Address);
        await using var emulator = ProcessRun.Start(network.Within(MetadataProcess.Spec()));
        await emulator.LineAsync(MetadataProcess.Listening, RunningSidecar.Limit);
        await using var names = new NameServer(network, Resolver) { Delay = TimeSpan.FromSeconds(1) };
        names.Known[Host] = IPAddress.Loopback;
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(directory.File("resolv.conf"), $"nameserver {Resolver}\n", TestContext.Current.CancellationToken);
        await using var storage = await StrictStorage.StartAsync(new() { CreateListenSocket = network.Listen, Names = [Host] });
        storage.Account().CreateContainer(Scene.Container);
        var settings = new SidecarSettings
        {
            Accounts = [("acct", new($"https://{Host}:{storage.Address.Port}"))],
            UpstreamCa = storage.Certificates!.WriteTo(directory.Path).Authority,
        };
        await using var sidecar = await RunningSidecar.StartAsync(network.Within(SidecarBinary.Spec(settings.ToArguments())
            .With(new Dictionary<string, string> { ["TOKENBROKER__Upstream__ConnectionLifetime"] = "1s" }).Seeing(directory.File("resolv.conf"), inPlaceOf: "/etc/resolv.conf")));
        using var client = network.CreateClient();
        client.Timeout = Timeout.InfiniteTimeSpan;

        await TransferAsync();
        var questions = names.Questions.Count;
        Assert.InRange(questions, 1, 2); // a second lookup only if the transfers took longer than an answer is kept

        names.IsFailing = true;
        await Wait.UntilAsync(async () =>
        {
            await TransferAsync();
            return names.Questions.Count > questions + 1;
        }, RunningSidecar.Limit, "DNS was asked again and failed");
        await TransferAsync();
        Assert.Contains($"DNS lookup of {Host} failed", sidecar.Run.Output, StringComparison.Ordinal);

        names.IsFailing = false;
        await Wait.UntilAsync(async () =>
        {
            await TransferAsync();
            return sidecar.Run.Output.Contains($"DNS lookup of {Host} succeeds again", StringComparison.Ordinal);
        }, RunningSidecar.Limit, "DNS succeeds again");

        async Task TransferAsync()
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, Transfers).Select(async at =>
            {
                using var answer = await client.SendAsync(Http.Get(sidecar.At($"acct/{Scene.Container}/pattern-{1000 + at}")));
                return (answer.StatusCode, (await answer.Content.ReadAsByteArrayAsync()).Length);
            }));
            Assert.Equal(Enumerable.Range(0, Transfers).Select(at => (HttpStatusCode.OK, 1000 + at)), answers);
        }
    }
}
