using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.Imds;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Network;
using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.Telemetry;

/// <summary>
/// What the sidecar says that it added to a request, against what the two ends of its way saw. Each request needs a connection
/// of its own to storage, whose handshake the sidecar waits for: on connections that stand, it adds less than what the ends' own
/// threads take to wake up, and the two cannot be compared (decision 14).
/// </summary>
[Collection(nameof(LongTests))]
public class AddedTimeTests
{
    private const int Requests = 1000;

    /// <summary>Until everything on the way is compiled.</summary>
    private const int Warm = 300;

    [Fact, Long]
    public async Task Median_of_the_added_time_agrees_within_a_fifth_with_what_both_ends_saw_where_each_request_needs_a_connection()
    {
        using var directory = new TemporaryDirectory();
        using var certificates = Certificates.Create(["127.0.0.1"]);
        // The first is the sidecar's to wait for before it can send, the second is not its doing.
        using var storage = new DelayingStorage(certificates, handshake: TimeSpan.FromMilliseconds(3), answer: TimeSpan.FromMilliseconds(6));
        await using var imds = await ImdsEmulator.StartAsync();
        await using var sidecar = await RunningSidecar.StartAsync(new SidecarSettings
        {
            Accounts = [("acct", new Uri(storage.Address, "acct"))],
            MetadataEndpoint = imds.BaseAddress,
            UpstreamCa = certificates.WriteTo(directory.Path).Authority,
        });
        await sidecar.UntilReadyAsync();
        using var client = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.Connect(IPAddress.Loopback, sidecar.Address.Port);
        Ask(client, sidecar, storage, Warm);
        var before = await ScrapeAsync(sidecar, Warm);

        var seen = Ask(client, sidecar, storage, Requests);
        var told = (await ScrapeAsync(sidecar, Warm + Requests)).Since(before);

        Assert.Equal(Requests, told.Count);
        var (ends, own) = (seen.Order().ElementAt(Requests / 2).TotalMicroseconds, told.Quantile(0.5) * 1e6);
        TestContext.Current.TestOutputHelper?.WriteLine($"seen by both ends {ends:0} µs, told {own:0} µs");
        Assert.InRange(own / ends, 0.8, 1.2);
    }

    /// <summary>Once it has this many: a request is counted after its answer, and a scrape may be a moment old.</summary>
    private static async Task<PrometheusHistogram> ScrapeAsync(RunningSidecar sidecar, int count)
    {
        using var http = Http.CreateClient();
        PrometheusHistogram scraped = null!;
        await Wait.UntilAsync(async () =>
        {
            scraped = PrometheusHistogram.Read(await http.GetStringAsync(new Uri(sidecar.Admin, "/metrics")), "tokenbroker_proxy_overhead_seconds");
            return scraped.Count == count;
        }, RunningSidecar.Limit, $"{count} requests are counted");
        return scraped;
    }

    private static List<TimeSpan> Ask(Socket client, RunningSidecar sidecar, DelayingStorage storage, int times)
    {
        var request = Encoding.ASCII.GetBytes($"GET /acct/c/b HTTP/1.1\r\nHost: {sidecar.Address.Authority}\r\nx-ms-version: 2021-12-02\r\n\r\n");
        var buffer = new byte[16 * 1024];
        var added = new List<TimeSpan>();
        for (var i = 0; i < times; i++)
        {
            var sent = Stopwatch.GetTimestamp();
            client.Send(request);
            var received = client.Receive(buffer);
            var answered = Stopwatch.GetTimestamp();
            Assert.StartsWith("HTTP/1.1 200", Encoding.Latin1.GetString(buffer, 0, received), StringComparison.Ordinal);
            var (came, went) = storage.Last;
            added.Add(Stopwatch.GetElapsedTime(sent, came) + Stopwatch.GetElapsedTime(went, answered));
        }

        return added;
    }
}
