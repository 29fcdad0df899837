using System.Globalization;
using TokenBroker.Local;
using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.RealTime;

[Collection(nameof(LongTests))]
public class MetadataFaultsUnderLoadTests
{
    private static readonly TimeSpan Duration = TimeSpan.FromMinutes(3);

    /// <summary>
    /// The emulator hands out the same token again while more than half of its life is left, as the real service does: a
    /// refresh that comes early brings nothing new and leaves less time for the next. New tokens on each request would
    /// give the sidecar a whole life whenever it asks.
    /// </summary>
    [Fact, Long]
    [Requires(Capability.Node, Capability.Npm)]
    public async Task No_request_fails_while_the_metadata_endpoint_goes_through_faults_shorter_than_the_tokens_life()
    {
        await using var environment = await LocalEnvironment.StartAsync(
            new() { TokenLifetime = TimeSpan.FromSeconds(20) }, cancellationToken: TestContext.Current.CancellationToken);
        using var metadata = new MetadataControl(environment.MetadataControl);
        using var load = new SteadyLoad(new Uri($"{environment.ProxyEndpoint}/load"), clients: 16, perSecond: 160);
        await load.CreateContainerAsync();
        var before = await ReadsAsync(environment);
        using var stop = new CancellationTokenSource(Duration);
        var faults = new FaultSeries(metadata);
        await Task.WhenAll(load.RunAsync(stop.Token), faults.RunAsync(stop.Token));
        var after = await ReadsAsync(environment);

        var record = await metadata.RequestsAsync(TestContext.Current.CancellationToken);
        var met = record.Where(request => request.Fault is not null).GroupBy(request => $"{request.Fault} {request.Status}")
            .Select(kind => $"{kind.Count()} × {kind.Key.Trim()}");
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{load.Sent} requests, {load.Failures.Count} failed, the slowest took {load.Slowest.TotalSeconds:0.00} s; "
            + $"{faults.Injected} faults, met by {record.Count(request => request.Fault is not null)} attempts ({string.Join(", ", met)}) of {record.Count}; "
            + $"reads that waited: {after.Waited - before.Waited}"));
        Assert.Empty(load.Failures.Take(5));
        Assert.True(load.Sent >= 20_000, $"only {load.Sent} requests were sent");
        Assert.True(faults.Injected > FaultSeries.Kinds, $"only {faults.Injected} faults were injected");
        Assert.Equal(4, record.Select(request => request.Fault).OfType<string>().Distinct().Count());
        // A machine that stands still for seconds may let a token run out and requests wait for the next, but each was served with one.
        Assert.True(after.Ready + after.Waited - before.Ready - before.Waited >= load.Sent, $"only {after} tokens were read for {load.Sent} requests");
        Assert.Equal(before.Refused, after.Refused);
    }

    /// <summary>How many requests found a token ready, had to wait for one, or were refused for want of one.</summary>
    private static async Task<(double Ready, double Waited, double Refused)> ReadsAsync(LocalEnvironment environment)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        var text = await http.GetStringAsync(new Uri(environment.AdminEndpoint, "/metrics"));
        double Count(string kind) => text.Split('\n')
            .Where(line => line.StartsWith("tokenbroker_token_reads_total{", StringComparison.Ordinal) && line.Contains($"kind=\"{kind}\"", StringComparison.Ordinal))
            .Sum(line => double.Parse(line[(line.IndexOf('}', StringComparison.Ordinal) + 1)..].Trim().Split(' ')[0], CultureInfo.InvariantCulture));
        return (Count("ready"), Count("waited"), Count("refused"));
    }
}
