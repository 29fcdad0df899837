using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace TokenBroker.EndToEnd.ClientMatrix;

/// <summary>Clients that are told nothing but to use the storage emulator, at a sidecar that listens where the emulator would.</summary>
public sealed class EmulatorRuns : IAsyncDisposable
{
    /// <summary>The account key that every storage emulator has, and that is printed in its documentation.</summary>
    private const string WellKnownKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private readonly ConcurrentDictionary<Client, Lazy<Task<IReadOnlyDictionary<string, JsonObject>>>> _runs = new();
    private readonly Lazy<Task<EmulatorScene>> _scene = new(EmulatorScene.StartAsync);

    /// <summary>What the client saw, by the operation's id.</summary>
    internal Task<IReadOnlyDictionary<string, JsonObject>> OfAsync(Client client) => _runs.GetOrAdd(client, of => new(() => RunAsync(of))).Value;

    public async ValueTask DisposeAsync()
    {
        if (_scene.IsValueCreated)
            await (await _scene.Value).DisposeAsync();
    }

    private async Task<IReadOnlyDictionary<string, JsonObject>> RunAsync(Client client)
    {
        var scene = await _scene.Value;
        var leg = new Leg(EmulatorScene.Account, WellKnownKey, new Uri($"{EmulatorScene.Address}/{EmulatorScene.Account}"), null) { Network = scene.Network };
        var documented = DocumentedLines.Under("### Tools that only know the storage emulator").TrimEnd();
        var lines = leg.Fill(DocumentedLines.Of(client));
        // Python's library does not know the short form.
        if (client != Client.Python)
            lines = lines.Replace($"DefaultEndpointsProtocol=http;AccountName={leg.Account};AccountKey={leg.Key};BlobEndpoint={leg.Endpoint};", documented, StringComparison.Ordinal);
        if (client != Client.Python && !lines.Contains(documented, StringComparison.Ordinal))
            throw new InvalidOperationException($"The lines of {client} have another connection string: {lines}");
        return await Driver.Of(client).RunAsync(leg, lines, $"matrix-{client.Id}");
    }
}
