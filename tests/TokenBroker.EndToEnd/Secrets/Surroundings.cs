using System.Net;
using System.Net.Sockets;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.TestSupport.Storage;

namespace TokenBroker.EndToEnd.Secrets;

/// <summary>Accounts beside the one that works: nobody listens, nobody answers, nobody knows the certificate.</summary>
internal sealed class Surroundings : IAsyncDisposable
{
    public const string Unreachable = "unreachable";
    public const string Untrusted = "untrusted";
    public const string Mute = "mute";

    /// <summary>The container of one request. Paths may be printed, by those who ask the platform for them.</summary>
    public const string CanaryContainer = "canarycontainer";

    private readonly StrictStorage _untrusted;
    // Bound and not listening: refused, and nobody else's.
    private readonly Socket _bound = new(SocketType.Stream, ProtocolType.Tcp);
    private readonly TcpListener _mute = new(IPAddress.Loopback, 0);

    private Surroundings(StrictStorage untrusted)
    {
        _untrusted = untrusted;
        _bound.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _mute.Start();
    }

    public static async Task<Surroundings> StartAsync() => new(await StrictStorage.StartAsync());

    public SidecarSettings AddTo(SidecarSettings settings, string identity) => settings with
    {
        Accounts =
        [
            .. settings.Accounts, (Untrusted, _untrusted.EndpointOf("acct")),
            (Unreachable, new Uri($"https://{_bound.LocalEndPoint}/acct")), (Mute, new Uri($"https://{_mute.LocalEndpoint}/acct")),
        ],
        Arguments = [.. settings.Arguments, "--identity", $"client-id:{identity}"],
        Environment = new Dictionary<string, string>(settings.Environment) { ["TOKENBROKER__Upstream__ConnectTimeout"] = "500ms" },
    };

    public async ValueTask DisposeAsync()
    {
        _bound.Dispose();
        _mute.Dispose();
        await _untrusted.DisposeAsync();
    }
}
