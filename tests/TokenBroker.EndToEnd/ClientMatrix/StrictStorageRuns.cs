using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.Local;
using TokenBroker.TestSupport.Storage;

namespace TokenBroker.EndToEnd.ClientMatrix;

/// <summary>What one client saw through a sidecar with the strict storage behind it, and what that storage saw.</summary>
internal sealed record StrictRun(IReadOnlyDictionary<string, JsonObject> Seen, IReadOnlyList<RecordedRequest> Requests);

/// <summary>
/// The same clients with the same lines once more, for what Azurite lacks or is too kind about: sources that need a token
/// of their own, the version, a SAS beside a bearer. Each client has a storage to itself.
/// </summary>
public sealed class StrictStorageRuns
{
    private readonly ConcurrentDictionary<Client, Lazy<Task<StrictRun>>> _runs = new();

    internal Task<StrictRun> OfAsync(Client client) => _runs.GetOrAdd(client, of => new(() => RunAsync(of))).Value;

    private static async Task<StrictRun> RunAsync(Client client)
    {
        await using var scene = await Scene.StartAsync();
        var leg = new Leg(Scene.Account, LocalEnvironment.DummyKey, scene.Sidecar.At(Scene.Account), null);
        var seen = await Driver.Of(client).RunAsync(leg, leg.Fill(DocumentedLines.Of(client)), "matrix");
        return new(seen, scene.Storage.Requests.All);
    }
}
