using System.Security.Cryptography;
using System.Text;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using TokenBroker.EndToEnd.Environments;
using TokenBroker.EndToEnd.RejectedTokens;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.Local;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Processes;
using TokenBroker.TestSupport.Requirements;
using TokenBroker.TestSupport.Storage;
using Xunit;

namespace TokenBroker.EndToEnd.Streams;

/// <summary>Five clients that have nothing in common upload in blocks at the same time, through one sidecar to Azurite.</summary>
[Requires(Capability.Node, Capability.Npm, Capability.Python, Capability.Curl, Capability.Rclone, PythonModules = ["azure.storage.blob"])]
[Collection(nameof(LongTests))]
public class FiveClientsTests
{
    private const string Container = "five";
    private const int Length = 70 * 1024 * 1024;
    private const int BlockOfCurl = 10 * 1024 * 1024;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    [Fact, Long]
    public async Task Staged_uploads_of_70_MiB_by_five_clients_at_once_all_arrive_as_they_were()
    {
        await using var environment = await LocalEnvironment.StartAsync(new LocalEnvironmentOptions(), cancellationToken: TestContext.Current.CancellationToken);
        using var directory = new TemporaryDirectory();
        await StorageClients.Proxied(environment.ConnectionString).GetBlobContainerClient(Container).CreateAsync(cancellationToken: TestContext.Current.CancellationToken);
        using var all = new Meeting(5);

        var hashes = await Task.WhenAll(
            DotNetAsync(environment, all.JoinAsync),
            ClientProcess.JavaScriptAsync(all.JoinAsync, environment.ConnectionString, "staged", Container, "javascript", Length),
            ClientProcess.PythonAsync(all.JoinAsync, environment.ConnectionString, "staged", Container, "python", Length),
            CurlAsync(environment, directory, all.JoinAsync),
            RcloneAsync(environment, directory, all.JoinAsync));

        Assert.Equal(5, hashes.Distinct().Count());
        foreach (var (name, hash) in new[] { "dotnet", "javascript", "python", "curl", "rclone" }.Zip(hashes))
            Assert.Equal((name, Length, hash, true), await StoredAsync(environment, name));
    }

    private static async Task<string> DotNetAsync(LocalEnvironment environment, Func<Task> go)
    {
        var content = Content("dotnet");
        var blob = new BlobClient(environment.ConnectionString, Container, "dotnet");
        await go();
        await blob.UploadAsync(new BinaryData(content), new BlobUploadOptions
        {
            TransferOptions = new StorageTransferOptions { InitialTransferSize = 4 << 20, MaximumTransferSize = 4 << 20 },
        });
        return Sha256(content);
    }

    /// <summary>Put Block and Put Block List by hand.</summary>
    private static async Task<string> CurlAsync(LocalEnvironment environment, TemporaryDirectory directory, Func<Task> go)
    {
        var content = Content("curl");
        var blob = $"{environment.ProxyEndpoint}/{Container}/curl";
        var list = new StringBuilder("<BlockList>");
        await go();
        for (var offset = 0; offset < Length; offset += BlockOfCurl)
        {
            var id = Convert.ToBase64String(Encoding.ASCII.GetBytes($"{offset:d9}"));
            await File.WriteAllBytesAsync(directory.File("block"), content[offset..(offset + BlockOfCurl)]);
            await PutAsync("block", $"{blob}?comp=block&blockid={id}");
            list.Append($"<Latest>{id}</Latest>");
        }

        await File.WriteAllTextAsync(directory.File("list"), list.Append("</BlockList>").ToString());
        await PutAsync("list", $"{blob}?comp=blocklist");
        return Sha256(content);

        async Task PutAsync(string file, string address)
        {
            string[] arguments = ["-q", "-s", "-S", "-o", directory.File("answer"), "-w", "%{http_code}", "-T", directory.File(file), "-H", $"x-ms-version: {Http.Version}", address];
            var run = await ProcessRun.CompleteAsync(new ProcessSpec("curl", arguments) { Limit = Limit });
            Assert.Equal((0, "201"), (run.ExitCode, run.StandardOutput.Trim()));
        }
    }

    private static async Task<string> RcloneAsync(LocalEnvironment environment, TemporaryDirectory directory, Func<Task> go)
    {
        var content = Content("rclone");
        await File.WriteAllBytesAsync(directory.File("source"), content);
        await File.WriteAllTextAsync(directory.File("rclone.conf"),
            $"[REMOTE]\ntype = azureblob\nsas_url = {environment.ProxyEndpoint}?sv=2021-06-08&ss=b&srt=sco&sp=rwdlac&se=2030-01-01T00:00:00Z&sig=AAAA\n");
        await go();
        string[] arguments = ["--config", directory.File("rclone.conf"), "--azureblob-chunk-size", "4M", "copyto", directory.File("source"), $"REMOTE:{Container}/rclone"];
        var run = await ProcessRun.CompleteAsync(new ProcessSpec("rclone", arguments) { Limit = Limit });
        Assert.True(run.ExitCode == 0, run.Output);
        return Sha256(content);
    }

    /// <summary>What lies at Azurite, read past the sidecar with the account's key, and whether it was put there in blocks.</summary>
    private static async Task<(string Name, int Length, string Hash, bool InBlocks)> StoredAsync(LocalEnvironment environment, string name)
    {
        var blob = StorageClients.DirectWithKey(environment, environment.AccountKey).GetBlobContainerClient(Container).GetBlockBlobClient(name);
        var content = (await blob.DownloadContentAsync()).Value.Content.ToArray();
        var blocks = (await blob.GetBlockListAsync()).Value.CommittedBlocks.Count();
        return (name, content.Length, Sha256(content), blocks >= Length / BlockOfCurl);
    }

    /// <summary>Another for each client.</summary>
    private static byte[] Content(string client)
    {
        var content = new byte[Length];
        Pattern.Fill(content, client[0]);
        return content;
    }

    private static string Sha256(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    /// <summary>Nobody goes on before all have come.</summary>
    private sealed class Meeting(int expected) : IDisposable
    {
        private readonly SemaphoreSlim _open = new(0);
        private int _come;

        public async Task JoinAsync()
        {
            if (Interlocked.Increment(ref _come) == expected)
                _open.Release(expected);
            Assert.True(await _open.WaitAsync(RunningSidecar.Limit), $"only {_come} of {expected} came");
        }

        public void Dispose() => _open.Dispose();
    }
}
