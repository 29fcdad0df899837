using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using TokenBroker.Local;
using TokenBroker.TestSupport;

namespace TokenBroker.EndToEnd.ClientMatrix;

/// <summary>The same clients with the same lines at a sidecar that has a caller key: once with that key, once with another.</summary>
public sealed class CallerKeyRuns : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly string _key = NewKey();
    private readonly ConcurrentDictionary<(Client, bool), Lazy<Task<IReadOnlyDictionary<string, JsonObject>>>> _runs = new();
    private readonly Lazy<Task<LocalEnvironment>> _environment;

    public CallerKeyRuns()
    {
        var file = _directory.File("caller.key");
        File.WriteAllText(file, $"# of a test\n{_key}\n");
        _environment = new(() => LocalEnvironment.StartAsync(new() { Sidecar = new() { Arguments = ["--caller-key", file] } }));
    }

    /// <summary>What the client saw, by the operation's id.</summary>
    /// <param name="client">The client.</param>
    /// <param name="hasKey">True if it signs with the sidecar's key.</param>
    internal Task<IReadOnlyDictionary<string, JsonObject>> OfAsync(Client client, bool hasKey) =>
        _runs.GetOrAdd((client, hasKey), of => new(() => RunAsync(of.Item1, of.Item2))).Value;

    internal static string NewKey() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(64));

    public async ValueTask DisposeAsync()
    {
        if (_environment.IsValueCreated)
            await (await _environment.Value).DisposeAsync();
        _directory.Dispose();
    }

    private async Task<IReadOnlyDictionary<string, JsonObject>> RunAsync(Client client, bool hasKey)
    {
        var environment = await _environment.Value;
        var leg = new Leg(environment.AccountName, hasKey ? _key : NewKey(), environment.ProxyEndpoint, null) { VerifiesSignatures = true };
        return await Driver.Of(client).RunAsync(leg, leg.Fill(DocumentedLines.Of(client)), $"keyed-{client.Id}-{(hasKey ? "in" : "out")}");
    }
}
