using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.Local;
using TokenBroker.Local.Azurite;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Network;
using Xunit;

namespace TokenBroker.EndToEnd.ClientMatrix;

/// <summary>What one client saw on either way, and how Azurite let in what came through the sidecar.</summary>
internal sealed record ClientRun(
    IReadOnlyDictionary<string, JsonObject> Direct, IReadOnlyDictionary<string, JsonObject> Proxied, AzuriteAdmissions Admitted);

/// <summary>
/// Every client's run, begun when its first cell asks. Two environments, so that the log of the one behind the sidecar
/// knows no key: whatever it let in by one would be a leak of the client's own credential.
/// </summary>
public sealed class MatrixRuns : IAsyncDisposable
{
    private static readonly TimeSpan LogLimit = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<Client, Lazy<Task<ClientRun>>> _runs = new();
    private readonly Lazy<Task<LocalEnvironment>> _direct = new(() => LocalEnvironment.StartAsync(new LocalEnvironmentOptions { StartImdsEmulator = false, StartSidecar = false }));
    private readonly Lazy<Task<LocalEnvironment>> _proxied = new(() => LocalEnvironment.StartAsync(new LocalEnvironmentOptions { AzuriteDebugLog = true }));

    internal Task<ClientRun> OfAsync(Client client) => _runs.GetOrAdd(client, of => new(() => RunAsync(of))).Value;

    public async ValueTask DisposeAsync()
    {
        foreach (var environment in new[] { _direct, _proxied }.Where(environment => environment.IsValueCreated))
            await (await environment.Value).DisposeAsync();
    }

    private async Task<ClientRun> RunAsync(Client client)
    {
        var container = $"matrix-{client.Id}";
        var proxied = await _proxied.Value;
        var before = proxied.AzuriteDebugLog.Read();

        var driver = Driver.Of(client);
        var lines = DocumentedLines.Of(client);
        var seenDirectly = await SeeAsync(Leg.Direct(await _direct.Value));
        var seen = client.RequiresHttps ? await SeeByHttpsAsync(proxied) : await SeeAsync(Leg.Proxied(proxied));

        // Azurite writes its log when it gets round to it.
        await Wait.UntilAsync(() => Sum(proxied.AzuriteDebugLog.Read()) - Sum(before) >= seen.Count, LogLimit, "Azurite's log of the client's requests");
        var after = proxied.AzuriteDebugLog.Read();
        return new ClientRun(seenDirectly, seen, new AzuriteAdmissions(
            after.ByBearer - before.ByBearer, after.BySharedKey - before.BySharedKey, after.BySas - before.BySas, after.ByPublicAccess - before.ByPublicAccess));

        static int Sum(AzuriteAdmissions admissions) => admissions.ByBearer + admissions.WithoutBearer;

        // A further sidecar on the same storage.
        async Task<IReadOnlyDictionary<string, JsonObject>> SeeByHttpsAsync(LocalEnvironment environment)
        {
            using var directory = new TemporaryDirectory();
            using var certificates = Certificates.Create();
            var files = certificates.WriteTo(directory.Path);
            await using var sidecar = await RunningSidecar.StartAsync(new SidecarSettings
            {
                Listen = "https://127.0.0.1:0",
                Accounts = [(environment.AccountName, environment.StorageEndpoint)],
                UpstreamCa = environment.CertificateAuthorityFile,
                MetadataEndpoint = environment.MetadataEndpoint,
                Arguments = ["--tls-cert", files.Server, "--tls-key", files.ServerKey],
            });
            await sidecar.UntilReadyAsync();
            return await SeeAsync(Leg.ProxiedByHttps(environment, sidecar.At(environment.AccountName), files.Authority));
        }

        Task<IReadOnlyDictionary<string, JsonObject>> SeeAsync(Leg leg) => driver.RunAsync(leg, leg.Fill(lines), container);
    }
}

/// <summary>The clients run one after the other: each has a processor to itself, as far as the machine has any.</summary>
[CollectionDefinition(Name)]
public sealed class MatrixSequence : ICollectionFixture<MatrixRuns>
{
    public const string Name = "ClientMatrix";
}
