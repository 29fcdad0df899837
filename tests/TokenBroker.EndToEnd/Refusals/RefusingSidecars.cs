using System.Net;
using System.Net.Sockets;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.Imds.Faults;
using Xunit;

namespace TokenBroker.EndToEnd.Refusals;

/// <summary>One sidecar that has a token, and two that have none; shared by the tests of a class, which change nothing in them.</summary>
public sealed class RefusingSidecars : IAsyncLifetime
{
    /// <summary>An account that is configured, at an address where nobody listens.</summary>
    internal const string Unreachable = "unreachable";

    // Bound and not listening: refused, and nobody else's.
    private readonly Socket _bound = new(SocketType.Stream, ProtocolType.Tcp);

    internal Scene Working { get; private set; } = null!;

    /// <summary>The metadata endpoint refuses it a token.</summary>
    internal Scene Refused { get; private set; } = null!;

    /// <summary>The metadata endpoint does not answer it.</summary>
    internal Scene Ignored { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _bound.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Working = await Scene.StartAsync(prepare: (_, settings) => settings with
        {
            Accounts = [.. settings.Accounts, (Unreachable, new Uri($"https://{_bound.LocalEndPoint}/acct"))],
        });
        await Working.Sidecar.UntilReadyAsync();
        Refused = await StartAsync(Fault.Answer(400));
        Ignored = await StartAsync(Fault.Of(FaultKind.Hang));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var scene in new[] { Working, Refused, Ignored })
            await (scene?.DisposeAsync() ?? default);
        _bound.Dispose();
    }

    private static Task<Scene> StartAsync(Fault fault) => Scene.StartAsync(prepare: (scene, settings) =>
    {
        scene.Imds.Inject(fault);
        return settings with { Environment = new Dictionary<string, string> { ["TOKENBROKER__Tokens__FirstTokenWait"] = "500ms" } };
    });
}
