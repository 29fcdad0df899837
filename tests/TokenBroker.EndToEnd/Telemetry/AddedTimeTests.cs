using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.Telemetry;

/// <summary>
/// What the sidecar says that it added to a request, against what the two ends of its way saw: a client that knows when it
/// asked and had its answer, and a storage that takes its time and knows from when to when. Decision 14 has the figures.
/// </summary>
[Collection(nameof(LongTests))]
public class AddedTimeTests
{
    private const int Requests = 1000;

    [Fact, Long]
    public async Task Median_agrees_within_a_fifth_with_what_both_ends_saw_where_each_request_needs_a_connection()
    {
        const int Warm = 300; // until everything on the way is compiled
        // The first is the sidecar's to wait for before it can send, the second is not its doing.
        await using var scene = await AddedTimeScene.StartAsync(handshake: TimeSpan.FromMilliseconds(3), answer: TimeSpan.FromMilliseconds(6), closes: true);
        using var client = AddedTimeScene.Connect(scene.SidecarPort);
        for (var i = 0; i < Warm; i++)
            scene.Ask(client);
        var before = await scene.ScrapeAsync(Warm);

        List<TimeSpan> seen = [.. Enumerable.Range(0, Requests).Select(_ => scene.Ask(client))];

        AssertAgree(Median(seen), (await scene.ScrapeAsync(Warm + Requests)).Since(before));
    }

    /// <summary>
    /// On connections that stand, the ends lose most of the time to threads that are woken and to encryption, before the
    /// sidecar has read a request and after it has handed on the answer. The same server loses that as well if it only
    /// relays bytes; what the sidecar costs beyond it is the sidecar's own work.
    /// </summary>
    [Fact, Long]
    public async Task Median_agrees_within_a_fifth_with_what_both_ends_saw_beyond_a_bare_relay_where_connections_stand()
    {
        const int Warm = 3000; // this is short enough that code must be compiled as well as it will ever be
        await using var scene = await AddedTimeScene.StartAsync(handshake: TimeSpan.Zero, answer: TimeSpan.FromMilliseconds(1), closes: false);
        await using var relay = await scene.StartRelayAsync();
        using var client = AddedTimeScene.Connect(scene.SidecarPort);
        using var relayed = AddedTimeScene.Connect(relay.Address.Port);
        for (var i = 0; i < Warm; i++)
            _ = (scene.Ask(client), scene.Ask(relayed));
        var before = await scene.ScrapeAsync(Warm);

        List<(TimeSpan Sidecar, TimeSpan Relay)> seen = [];
        for (var i = 0; i < Requests; i++)
            seen.Add((scene.Ask(client), scene.Ask(relayed))); // in turn, so that both meet the same machine

        TestContext.Current.TestOutputHelper?.WriteLine($"through the sidecar {Median(seen.Select(pair => pair.Sidecar)).TotalMicroseconds:0} µs, "
            + $"through a relay {Median(seen.Select(pair => pair.Relay)).TotalMicroseconds:0} µs");
        AssertAgree(Median(seen.Select(pair => pair.Sidecar - pair.Relay)), (await scene.ScrapeAsync(Warm + Requests)).Since(before));
    }

    private static void AssertAgree(TimeSpan seen, PrometheusHistogram told)
    {
        Assert.Equal(Requests, told.Count);
        var (ends, own) = (seen.TotalMicroseconds, told.Quantile(0.5) * 1e6);
        TestContext.Current.TestOutputHelper?.WriteLine($"seen by both ends {ends:0} µs, told {own:0} µs, ratio {own / ends:0.00}");
        Assert.InRange(own / ends, 0.8, 1.2);
    }

    private static TimeSpan Median(IEnumerable<TimeSpan> values) => values.Order().ElementAt(Requests / 2);
}
