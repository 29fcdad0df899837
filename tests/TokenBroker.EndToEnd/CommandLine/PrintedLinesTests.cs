using Azure.Storage.Blobs;
using TokenBroker.EndToEnd.ClientMatrix;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Processes;
using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.CommandLine;

/// <summary>Clients that know nothing but the printed lines, at a sidecar before Azurite.</summary>
[Long]
[Requires(Capability.Node, Capability.Npm)]
public sealed class PrintedLinesTests : IClassFixture<PrintedLinesScene>, IDisposable
{
    private const string Content = "what a client wrote through the sidecar";

    private readonly PrintedLinesScene _scene;
    private readonly TemporaryDirectory _directory = new();

    public PrintedLinesTests(PrintedLinesScene scene)
    {
        _scene = scene;
        File.WriteAllText(_directory.File("photo.jpg"), Content);
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Connection_string()
    {
        var service = new BlobServiceClient((await LinesAsync("connection-string")).TrimEnd('\n'));

        await service.GetBlobContainerClient("container").UploadBlobAsync("by-connection-string", BinaryData.FromString(Content));

        await AssertStoredAsync("by-connection-string");
    }

    [Fact]
    [Requires(Capability.Curl)]
    public async Task Curl()
    {
        await RunAsync("bash", ["-e", "-c", await LinesAsync("curl")]);

        await AssertStoredAsync("photo.jpg");
        Assert.Equal(Content, await File.ReadAllTextAsync(_directory.File("copy.jpg"), TestContext.Current.CancellationToken));
    }

    [Fact]
    [Requires(Capability.Python, PythonModules = ["azure.storage.blob"])]
    public async Task Python()
    {
        await RunAsync(PythonInterpreter.File, ["-c", $"{await LinesAsync("python")}\nservice.get_blob_client('container', 'by-python').upload_blob(b'{Content}')"]);

        await AssertStoredAsync("by-python");
    }

    [Fact]
    [Requires(Capability.Rclone)]
    public async Task Rclone()
    {
        await File.WriteAllTextAsync(_directory.File("rclone.conf"), await LinesAsync("rclone"), TestContext.Current.CancellationToken);

        await RunAsync("rclone", ["--config", "rclone.conf", "copyto", "photo.jpg", "REMOTE:container/by-rclone"]);

        await AssertStoredAsync("by-rclone");
    }

    [Fact]
    [Requires(Capability.AzureCli)]
    public async Task Az()
    {
        await RunAsync("az", ["storage", "blob", "upload", "--only-show-errors", "--container-name", "container", "--name", "by-az", "--file", "photo.jpg"],
            new(ExportedVariables.Of(await LinesAsync("az"))) { ["AZURE_CONFIG_DIR"] = _directory.File("az"), ["AZURE_CORE_COLLECT_TELEMETRY"] = "no" });

        await AssertStoredAsync("by-az");
    }

    [Fact]
    [Requires(Capability.Rclone, Capability.Restic)]
    public async Task Restic()
    {
        var variables = new Dictionary<string, string?>(ExportedVariables.Of(await LinesAsync("restic")))
        {
            ["RESTIC_PASSWORD"] = "of the repository",
            ["RCLONE_CONFIG"] = _directory.File("none.conf"),
        };

        await RunAsync("restic", ["--no-cache", "init"], variables);
        await RunAsync("restic", ["--no-cache", "backup", "photo.jpg"], variables);
        await RunAsync("restic", ["--no-cache", "restore", "latest", "--target", "restored"], variables);

        var restored = Assert.Single(Directory.GetFiles(_directory.File("restored"), "photo.jpg", SearchOption.AllDirectories));
        Assert.Equal(Content, await File.ReadAllTextAsync(restored, TestContext.Current.CancellationToken));
    }

    private async Task<string> LinesAsync(string client)
    {
        var environment = await _scene.EnvironmentAsync();
        var result = await ProcessRun.CompleteAsync(SidecarBinary.Spec(
            "env", "--client", client, "--account", environment.AccountName, "--listen", environment.ProxyEndpoint.GetLeftPart(UriPartial.Authority)));
        Assert.True(result.ExitCode == 0, result.Output);
        return result.StandardOutput;
    }

    private async Task RunAsync(string program, string[] arguments, Dictionary<string, string?>? environment = null)
    {
        var run = await ProcessRun.CompleteAsync(new ProcessSpec(program, arguments)
        {
            WorkingDirectory = _directory.Path,
            Environment = environment ?? new() { ["CURL_HOME"] = _directory.Path, ["PYTHONDONTWRITEBYTECODE"] = "1" },
            Limit = TimeSpan.FromMinutes(2),
        });
        Assert.True(run.ExitCode == 0, run.Output);
    }

    private async Task AssertStoredAsync(string blob)
    {
        var stored = await new BlobServiceClient((await _scene.EnvironmentAsync()).ConnectionString).GetBlobContainerClient("container").GetBlobClient(blob).DownloadContentAsync();
        Assert.Equal(Content, stored.Value.Content.ToString());
    }
}
