using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.Imds;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Network;
using Xunit;

namespace TokenBroker.EndToEnd.Telemetry;

/// <summary>A sidecar between a client and a storage that takes its time, and one clock for both ends.</summary>
internal sealed class AddedTimeScene : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly Certificates _certificates = Certificates.Create("127.0.0.1");
    private readonly byte[] _buffer = new byte[16 * 1024];
    private readonly DelayingStorage _storage;
    private ImdsEmulator? _imds;
    private RunningSidecar _sidecar = null!;

    private AddedTimeScene(TimeSpan handshake, TimeSpan answer, bool closes) => _storage = new(_certificates, handshake, answer, closes);

    /// <summary>Parameters as those of <see cref="DelayingStorage"/>.</summary>
    public static async Task<AddedTimeScene> StartAsync(TimeSpan handshake, TimeSpan answer, bool closes)
    {
        var scene = new AddedTimeScene(handshake, answer, closes);
        try
        {
            scene._imds = await ImdsEmulator.StartAsync();
            scene._sidecar = await RunningSidecar.StartAsync(new SidecarSettings
            {
                Accounts = [("acct", new Uri(scene._storage.Address, "acct"))],
                MetadataEndpoint = scene._imds.BaseAddress,
                UpstreamCa = scene._certificates.WriteTo(scene._directory.Path).Authority,
            });
            await scene._sidecar.UntilReadyAsync();
            return scene;
        }
        catch
        {
            await scene.DisposeAsync();
            throw;
        }
    }

    public int SidecarPort => _sidecar.Address.Port;

    public Task<LoopbackServer> StartRelayAsync() => BareRelay.StartAsync(_storage.Address, _certificates);

    public static Socket Connect(int port)
    {
        var client = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.Connect(IPAddress.Loopback, port);
        return client;
    }

    /// <summary>Asks once, and returns what passed on the way there and back, by what both ends saw.</summary>
    public TimeSpan Ask(Socket client)
    {
        var request = Encoding.ASCII.GetBytes($"GET /acct/c/b HTTP/1.1\r\nHost: {_sidecar.Address.Authority}\r\nx-ms-version: 2021-12-02\r\n\r\n");
        var sent = Stopwatch.GetTimestamp();
        client.Send(request);
        var received = client.Receive(_buffer);
        var answered = Stopwatch.GetTimestamp();
        Assert.StartsWith("HTTP/1.1 200", Encoding.Latin1.GetString(_buffer, 0, received), StringComparison.Ordinal);
        var (came, went) = _storage.Last;
        return Stopwatch.GetElapsedTime(sent, came) + Stopwatch.GetElapsedTime(went, answered);
    }

    /// <summary>What the sidecar tells, once it has this many: a request is counted after its answer, and a scrape may be a moment old.</summary>
    public async Task<PrometheusHistogram> ScrapeAsync(int count)
    {
        using var http = Http.CreateClient();
        PrometheusHistogram scraped = null!;
        await Wait.UntilAsync(async () =>
        {
            scraped = PrometheusHistogram.Read(await http.GetStringAsync(new Uri(_sidecar.Admin, "/metrics")), "tokenbroker_proxy_overhead_seconds");
            return scraped.Count == count;
        }, RunningSidecar.Limit, $"{count} requests are counted");
        return scraped;
    }

    public async ValueTask DisposeAsync()
    {
        if (_sidecar is not null)
            await _sidecar.DisposeAsync();
        if (_imds is not null)
            await _imds.DisposeAsync();
        _storage.Dispose();
        _certificates.Dispose();
        _directory.Dispose();
    }
}
