using System.Security.Cryptography;
using System.Text.Json;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.Local;
using TokenBroker.Local.Azurite;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.Isolation;

/// <summary>
/// Whatever a client signs with, storage lets it in by the sidecar's token and by nothing else; and neither the client's
/// key nor the account's own, nor the token, is in the sidecar's log.
/// </summary>
[Long]
[Requires(Capability.Node, Capability.Npm)]
public class IsolationTests
{
    [Fact]
    public async Task Every_request_of_the_demos_operations_is_let_in_by_a_bearer_and_leaves_no_secret_in_the_log()
    {
        await using var environment = await LocalEnvironment.StartAsync(new LocalEnvironmentOptions
        {
            AzuriteDebugLog = true,
            Sidecar = new SidecarOptions { Arguments = ["--log-level", "trace"] },
        });
        var counter = new RequestCounter();
        foreach (var connection in Connections(environment))
            await UseAsync(new BlobServiceClient(connection, counter.AddTo(ChangedNothing())));

        await Wait.UntilAsync(
            () => environment.AzuriteDebugLog.Read() is var log && log.ByBearer + log.WithoutBearer >= counter.Count,
            RunningSidecar.Limit, "Azurite's log, which it writes behind its answers, tells of every request");
        Assert.Equal(new AzuriteAdmissions(ByBearer: counter.Count, BySharedKey: 0, BySas: 0, ByPublicAccess: 0), environment.AzuriteDebugLog.Read());
        TestContext.Current.TestOutputHelper?.WriteLine($"{counter.Count} requests, all by bearer");
        await AssertSilentAsync(environment);
    }

    // A key that opens nothing, and a SAS made of thin air.
    private static string[] Connections(LocalEnvironment environment) =>
    [
        environment.ConnectionString,
        $"BlobEndpoint={environment.ProxyEndpoint};SharedAccessSignature=sv=2023-11-03&ss=b&srt=sco&sp=rwdlac&se=2030-01-01T00:00:00Z&sig=AAAA",
    ];

    private static BlobClientOptions ChangedNothing() => new() { Retry = { MaxRetries = 0 } };

    private static async Task UseAsync(BlobServiceClient service)
    {
        var container = service.GetBlobContainerClient($"c{Guid.NewGuid():N}");
        await container.CreateAsync();
        foreach (var size in new[] { 0, 1024, 9 * 1024 * 1024 })
        {
            var bytes = RandomNumberGenerator.GetBytes(size);
            var blob = container.GetBlobClient($"folder/größe {size}");
            // 9 MiB go up as blocks.
            await blob.UploadAsync(new MemoryStream(bytes), new BlobUploadOptions { TransferOptions = new() { InitialTransferSize = 4 * 1024 * 1024, MaximumTransferSize = 4 * 1024 * 1024 } });
            Assert.Equal(bytes, (await blob.DownloadContentAsync()).Value.Content.ToArray());
            if (size > 100)
            {
                var part = await blob.DownloadContentAsync(new BlobDownloadOptions { Range = new Azure.HttpRange(10, 80) });
                Assert.Equal(bytes[10..90], part.Value.Content.ToArray());
            }
        }

        var names = new List<string>();
        await foreach (var item in container.GetBlobsAsync())
            names.Add(item.Name);
        Assert.Equal(3, names.Count);
        foreach (var name in names)
            await container.DeleteBlobAsync(name);
        await container.DeleteAsync();
    }

    private static async Task AssertSilentAsync(LocalEnvironment environment)
    {
        using var http = Http.CreateClient();
        using var tokens = JsonDocument.Parse(await http.GetStringAsync(new Uri(environment.MetadataControl, "/tokens")));
        var issued = tokens.RootElement.EnumerateArray().Select(token => token.GetProperty("value").GetString()!).ToList();
        Assert.NotEmpty(issued);
        var search = new OutputSearch().Add("account key", environment.AccountKey).Add("dummy key", LocalEnvironment.DummyKey);
        issued.ForEach(token => search.Add("token", token));

        var output = environment.Sidecar.Child.Output.ToString();
        Assert.Contains(" trce: ", output, StringComparison.Ordinal);
        Assert.Empty(search.In(output, "the sidecar's log"));
        Assert.NotEmpty(search.In(output + environment.AccountKey, "the same with the key behind it"));
    }

    /// <summary>Counts what really goes over the wire.</summary>
    private sealed class RequestCounter : HttpPipelineSynchronousPolicy
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public BlobClientOptions AddTo(BlobClientOptions options)
        {
            options.AddPolicy(this, HttpPipelinePosition.PerRetry);
            return options;
        }

        public override void OnSendingRequest(HttpMessage message) => Interlocked.Increment(ref _count);
    }
}
