using TokenBroker.EndToEnd.ClientMatrix;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.Local;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Network;
using TokenBroker.TestSupport.Processes;
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
        { "object_store", Client.ObjectStore.Heading },
        { "opendal", Client.OpenDal.Heading },
        { "gdal", Client.Gdal.Heading },
        { "dotnet-old", Client.MicrosoftAzureStorage.Heading },
        { "azure-storage", Client.AzureStorage.Heading },
        { "barman", Client.Barman.Heading },
        { "connection-string", "Any client with a connection string (Java)" },
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

    /// <summary>The clients for which the sidecar must be started in another way than usual.</summary>
    [Theory]
    [InlineData("pgbackrest", "pgBackRest", "photos", "https://127.0.0.1:12345", null)]
    [InlineData("pgbackrest", "pgBackRest", "photos", "http://127.0.0.1:12345", "pgBackRest uses only https. ")]
    [InlineData("emulator", "Tools that only know the storage emulator", "devstoreaccount1", "http://127.0.0.1:10000", null)]
    [InlineData("emulator", "Tools that only know the storage emulator", "devstoreaccount1", "http://127.0.0.1:12345", "These tools connect to http://127.0.0.1:10000/devstoreaccount1. ")]
    [InlineData("emulator", "Tools that only know the storage emulator", "photos", "http://127.0.0.1:10000",
        "Start the sidecar with --listen http://127.0.0.1:10000 --account devstoreaccount1=https://real.blob.core.windows.net")]
    public async Task Client_that_needs_the_sidecar_started_in_another_way_says_so(string client, string heading, string account, string listen, string? demand)
    {
        using var directory = new TemporaryDirectory();
        using var certificates = Certificates.Create();
        var files = certificates.WriteTo(directory.Path);
        string[] tls = listen.StartsWith("https", StringComparison.Ordinal) ? ["--tls-cert", files.Server, "--tls-key", files.ServerKey] : [];
        var result = await ProcessRun.CompleteAsync(
            SidecarBinary.Spec(["env", "--client", client, "--account", $"{account}=https://real.blob.core.windows.net", "--listen", listen, .. tls]));

        var leg = new Leg(account, LocalEnvironment.DummyKey, new Uri($"{listen}/{account}"), null);
        Assert.Equal((0, leg.Fill(DocumentedLines.Under($"### {heading}"))), (result.ExitCode, result.StandardOutput));
        var said = result.Output.Replace(result.StandardOutput, "", StringComparison.Ordinal);
        if (demand is null)
            Assert.DoesNotContain("connects", said, StringComparison.Ordinal);
        else
            Assert.Contains(demand, said, StringComparison.Ordinal);
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
    [InlineData("env --account photos", "--client: use one of connection-string, dotnet, ")]
    [InlineData("env --account photos --client cobol", "--client 'cobol': use one of connection-string, dotnet, ")]
    [InlineData("env --account photos --account films --client az", "--for: use one of the accounts: films, photos")]
    [InlineData("env --account photos --for books --client az", "--for 'books': use one of the accounts: photos")]
    [InlineData("env --account photos --client az --listen http://127.0.0.1:0", "--listen 'http://127.0.0.1:0': give the port")]
    [InlineData("env --client az", "--account: add at least one storage account")]
    public async Task Wrong_setting_is_2(string command, string line)
    {
        var result = await ProcessRun.CompleteAsync(SidecarBinary.Spec(command.Split(' ')));

        Assert.Equal((2, ""), (result.ExitCode, result.StandardOutput));
        Assert.StartsWith($"tokenbroker: {line}", Assert.Single(result.Output.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Address_is_one_that_every_SDK_accepts()
    {
        var both = await ProcessRun.CompleteAsync(SidecarBinary.Spec("env", "--account", "photos", "--client", "connection-string", "--listen", "http://localhost:12000"));
        var several = await ProcessRun.CompleteAsync(SidecarBinary.Spec(
            "env", "--account", "photos", "--client", "connection-string", "--listen", "http://[::1]:12001", "--listen", "http://127.0.0.2:12002"));

        Assert.Contains("BlobEndpoint=http://127.0.0.1:12000/photos;", both.StandardOutput, StringComparison.Ordinal);
        Assert.Contains("BlobEndpoint=http://127.0.0.2:12002/photos;", several.StandardOutput, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_of_several_accounts_is_chosen()
    {
        var result = await ProcessRun.CompleteAsync(SidecarBinary.Spec("env", "--account", "photos", "--account", "films", "--for", "films", "--client", "connection-string"));

        Assert.Contains("AccountName=films;", result.StandardOutput, StringComparison.Ordinal);
    }
}
