using Azure.Storage.Blobs;
using TokenBroker.EndToEnd.ClientMatrix;
using TokenBroker.EndToEnd.Environments;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.Local;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Processes;
using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.CommandLine;

/// <summary>What <c>tokenbroker env</c> prints: the document's lines, filled in, and nothing else on standard output.</summary>
public class EnvTests
{
    public static TheoryData<string, string> Clients => new()
    {
        { "dotnet", Client.DotNet.Heading },
        { "js", Client.JavaScript.Heading },
        { "python", Client.Python.Heading },
        { "ruby", Client.Ruby.Heading },
        { "az", Client.Az.Heading },
        { "rclone", Client.Rclone.Heading },
        { "restic", "restic" },
        { "libcloud", Client.Libcloud.Heading },
        { "django", Client.Django.Heading },
        { "duplicity", Client.Duplicity.Heading },
        { "curl", Client.Curl.Heading },
        { "connection-string", "Whatever takes a connection string (Java)" },
    };

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task Lines_are_those_of_the_document_with_account_and_address(string client, string heading)
    {
        var result = await ProcessRun.CompleteAsync(SidecarBinary.Spec("env", "--client", client, "--account", "photos", "--listen", "http://127.0.0.1:12345"));

        var leg = new Leg("photos", LocalEnvironment.DummyKey, new Uri("http://127.0.0.1:12345/photos"), null);
        Assert.Equal((0, leg.Fill(DocumentedLines.Under($"### {heading}"))), (result.ExitCode, result.StandardOutput));
        Assert.Equal(result.StandardOutput.TrimEnd('\n'), result.Output.TrimEnd('\n'));
    }

    [Fact]
    public async Task Help_names_every_client()
    {
        var help = await ProcessRun.CompleteAsync(SidecarBinary.Spec("env", "--help"));

        Assert.All(Clients, client => Assert.Contains(client.Data.Item1, help.StandardOutput, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Caller_key_is_not_printed_and_its_file_is_pointed_to()
    {
        using var directory = new TemporaryDirectory();
        var file = directory.File("caller.key");
        var key = CallerKeyRuns.NewKey();
        await File.WriteAllTextAsync(file, key, TestContext.Current.CancellationToken);

        var result = await ProcessRun.CompleteAsync(SidecarBinary.Spec("env", "--client", "az", "--account", "photos", "--caller-key", file));

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("AccountKey=KEY;", result.StandardOutput, StringComparison.Ordinal);
        Assert.Contains("--caller-key file", result.Output, StringComparison.Ordinal);
        Assert.Empty(new OutputSearch().Add("caller key", key).In(result.Output, "output"));
    }

    [Theory]
    [InlineData("env --account photos", "--client: name one of connection-string, dotnet, ")]
    [InlineData("env --account photos --client cobol", "--client 'cobol': name one of connection-string, dotnet, ")]
    [InlineData("env --account photos --account films --client az", "--for: name one of the accounts: films, photos")]
    [InlineData("env --account photos --for books --client az", "--for 'books': name one of the accounts: photos")]
    [InlineData("env --account photos --client az --listen http://127.0.0.1:0", "--listen 'http://127.0.0.1:0': name the port")]
    [InlineData("env --client az", "--account: name at least one storage account")]
    public async Task Wrong_setting_is_2(string command, string line)
    {
        var result = await ProcessRun.CompleteAsync(SidecarBinary.Spec(command.Split(' ')));

        Assert.Equal((2, ""), (result.ExitCode, result.StandardOutput));
        Assert.StartsWith($"tokenbroker: {line}", Assert.Single(result.Output.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_of_several_accounts_is_chosen()
    {
        var result = await ProcessRun.CompleteAsync(SidecarBinary.Spec("env", "--account", "photos", "--account", "films", "--for", "films", "--client", "connection-string"));

        Assert.Contains("AccountName=films;", result.StandardOutput, StringComparison.Ordinal);
    }
}

/// <summary>Clients that know nothing but the printed lines, at a sidecar before Azurite.</summary>
[Long]
[Requires(Capability.Node, Capability.Npm)]
public sealed class PrintedLinesTests : IAsyncLifetime
{
    private const string Content = "what a client wrote through the sidecar";

    private readonly TemporaryDirectory _directory = new();
    private LocalEnvironment _environment = null!;

    public async ValueTask InitializeAsync()
    {
        _environment = await LocalEnvironment.StartAsync(new());
        await new BlobServiceClient(_environment.ConnectionString).CreateBlobContainerAsync("container");
        await File.WriteAllTextAsync(_directory.File("photo.jpg"), Content);
    }

    public async ValueTask DisposeAsync()
    {
        await _environment.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task Connection_string()
    {
        var service = new BlobServiceClient((await LinesAsync("connection-string")).TrimEnd('\n'));

        await service.GetBlobContainerClient("container").UploadBlobAsync("blob", BinaryData.FromString(Content));

        await AssertStoredAsync("blob");
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
        await RunAsync(PythonInterpreter.File, ["-c", $"{await LinesAsync("python")}\nservice.get_blob_client('container', 'blob').upload_blob(b'{Content}')"]);

        await AssertStoredAsync("blob");
    }

    [Fact]
    [Requires(Capability.Rclone)]
    public async Task Rclone()
    {
        await File.WriteAllTextAsync(_directory.File("rclone.conf"), await LinesAsync("rclone"), TestContext.Current.CancellationToken);

        await RunAsync("rclone", ["--config", "rclone.conf", "copyto", "photo.jpg", "REMOTE:container/blob"]);

        await AssertStoredAsync("blob");
    }

    [Fact]
    [Requires(Capability.AzureCli)]
    public async Task Az()
    {
        await RunAsync("az", ["storage", "blob", "upload", "--only-show-errors", "--container-name", "container", "--name", "blob", "--file", "photo.jpg"],
            new(ExportedVariables.Of(await LinesAsync("az"))) { ["AZURE_CONFIG_DIR"] = _directory.File("az"), ["AZURE_CORE_COLLECT_TELEMETRY"] = "no" });

        await AssertStoredAsync("blob");
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
        var result = await ProcessRun.CompleteAsync(SidecarBinary.Spec(
            "env", "--client", client, "--account", _environment.AccountName, "--listen", _environment.ProxyEndpoint.GetLeftPart(UriPartial.Authority)));
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
        var stored = await new BlobServiceClient(_environment.ConnectionString).GetBlobContainerClient("container").GetBlobClient(blob).DownloadContentAsync();
        Assert.Equal(Content, stored.Value.Content.ToString());
    }
}
