using System.Text.RegularExpressions;
using TokenBroker.EndToEnd.Environments;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.Local;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Processes;
using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.Docs;

/// <summary>What the documents tell a person to type does what they say.</summary>
[Collection(nameof(LongTests))]
public sealed partial class ReadmeTests
{
    private const string Readme = "README.md";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    [Requires(Capability.Node, Capability.Npm)]
    public async Task Working_session_of_the_README_looks_as_it_is_shown()
    {
        var session = Guide.Blocks(Readme, "console")[0].Split('\n');
        Assert.Equal("$ dotnet run --project client -- demo", session[0]);

        var result = await ProcessRun.CompleteAsync(ClientProgram.Demo("--size", "1KiB", "--samples", "1"));

        Assert.True(result.ExitCode == 0, result.Output);
        var lines = result.StandardOutput.Split('\n').Select(Words).ToList();
        var shown = session.Skip(1).Where(line => !Sample().IsMatch(line.Trim())).Select(Words).ToList();
        Assert.True(shown.Count > 6, "the README's session has lost its output");
        Assert.All(shown, line => Assert.Contains(line, lines));

        // Columns are as wide as their figures.
        static string Words(string line) => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    [Requires(Capability.Node, Capability.Npm)]
    [Requires(Capability.Curl)]
    [Requires(Capability.Linux)]
    public async Task Line_of_curl_proves_the_whole_way()
    {
        await using var environment = await LocalEnvironment.StartAsync(new(), cancellationToken: Cancellation);

        await AssertProvedAsync(environment.ProxyEndpoint);
    }

    [Fact]
    [Long]
    [Requires(Capability.Node, Capability.Npm)]
    [Requires(Capability.Curl)]
    [Requires(Capability.Linux)]
    public async Task Block_on_an_Azure_VM_publishes_one_file_that_serves_as_the_unit_file_starts_it()
    {
        using var directory = new TemporaryDirectory();
        Checkout.CopyTo(directory.Path);
        var publish = Guide.Command(Readme, "dotnet publish").Split(' ');
        var published = await ProcessRun.CompleteAsync(
            new ProcessSpec(publish[0], publish[1..]) { WorkingDirectory = directory.Path, Limit = TimeSpan.FromMinutes(10) });
        Assert.True(published.ExitCode == 0, published.Output);

        var file = Assert.Single(Directory.GetFiles(Path.Combine(directory.Path, "artifacts", "tokenbroker")));
        var megabytes = int.Parse(Size().Match(await File.ReadAllTextAsync(Repository.PathOf(Readme), Cancellation)).Groups[1].Value);
        Assert.InRange(new FileInfo(file).Length / 1e6, megabytes * 0.9, megabytes * 1.1);
        var version = await ProcessRun.CompleteAsync(new ProcessSpec(file, "--version"));
        Assert.Matches(@"^\d+\.\d+\.\d+", version.StandardOutput);

        await using var environment = await LocalEnvironment.StartAsync(new() { StartSidecar = false }, cancellationToken: Cancellation);
        await using var sidecar = ProcessRun.Start(new ProcessSpec(file, [.. ArgumentsOfUnitFile(environment), "--exit-with-stdin"]) { WorkingDirectory = directory.Path });
        var ready = await sidecar.LineAsync(@"\bdata (http://\S+)", TimeSpan.FromSeconds(60));

        await AssertProvedAsync(new Uri(new Uri(ready.Groups[1].Value), environment.AccountName));
    }

    [Fact]
    public async Task Unit_file_is_one_that_systemd_understands()
    {
        var unit = Assert.Single(Guide.Blocks(Readme, "ini"));
        Assert.Contains("\nExecStart=/usr/local/bin/tokenbroker --account ACCOUNT\n", unit);
        if (Executable.Find("systemd-analyze") is not { } analyze)
            return; // elsewhere it can only be read

        using var directory = new TemporaryDirectory();
        var file = Path.Combine(directory.Path, "tokenbroker.service");
        // What is to be started must exist.
        await File.WriteAllTextAsync(file, unit.Replace("/usr/local/bin/tokenbroker", "/bin/true", StringComparison.Ordinal), Cancellation);
        var verified = await ProcessRun.CompleteAsync(new ProcessSpec(analyze, "verify", "--man=no", file));

        Assert.True(verified.ExitCode == 0, verified.Output);
        Assert.DoesNotContain(file, verified.Output); // it warns of a key that it does not know, and goes on
    }

    [Fact]
    public async Task Faults_are_reported_as_the_configuration_page_shows_them()
    {
        var session = Assert.Single(Guide.Blocks("docs/configuration.md", "console")).TrimEnd('\n').Split('\n');
        var words = session[0].Split(' ');
        Assert.Equal(["$", "TOKENBROKER__Listn=x", "tokenbroker"], words[..3]);

        var result = await ProcessRun.CompleteAsync(SidecarBinary.Spec(words[3..]).With([KeyValuePair.Create("TOKENBROKER__Listn", "x")]));

        Assert.Equal(2, result.ExitCode);
        Assert.Equal(session[1..], result.Output.TrimEnd('\n').Split('\n'));
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("docs/getting-started.md")]
    [Requires(Capability.Linux)]
    public async Task Shell_blocks_are_shell(string document)
    {
        foreach (var block in Guide.Blocks(document, "bash"))
        {
            var result = await ProcessRun.CompleteAsync(new ProcessSpec("bash", "-n", "-c", block));
            Assert.True(result.ExitCode == 0, $"{block}\n{result.Output}");
        }
    }

    private static IEnumerable<string> ArgumentsOfUnitFile(LocalEnvironment environment)
    {
        var line = Guide.Blocks(Readme, "ini")[0].Split('\n').Single(line => line.StartsWith("ExecStart=", StringComparison.Ordinal));
        return line.Split(' ')[1..].Select(word => word == "ACCOUNT" ? $"{environment.AccountName}={environment.StorageEndpoint}" : word).Concat(
        [
            "--listen", "http://127.0.0.1:0", "--admin", "http://127.0.0.1:0",
            "--metadata-endpoint", environment.MetadataEndpoint.GetLeftPart(UriPartial.Authority),
            "--upstream-ca", environment.CertificateAuthorityFile!,
        ]);
    }

    private static async Task AssertProvedAsync(Uri endpoint)
    {
        var line = Guide.Command(Readme, "curl").Replace("http://127.0.0.1:11000/ACCOUNT", endpoint.AbsoluteUri, StringComparison.Ordinal);
        Assert.Contains(endpoint.AbsoluteUri, line);

        var result = await ProcessRun.CompleteAsync(new ProcessSpec("bash", "-c", line));

        Assert.StartsWith("HTTP/1.1 200 OK", result.Output);
        Assert.Contains("<EnumerationResults", result.Output);
        Assert.DoesNotContain("x-tokenbroker-reason", result.Output);
    }

    /// <summary>Lines with figures, other sizes' lines, and the dots in their place: they differ from run to run.</summary>
    [GeneratedRegex(@"\d\.\d\d|^…$|^─+$|^Comparing (?!1 KiB)|: \d+ samples")]
    private static partial Regex Sample();

    [GeneratedRegex(@"It is (\d+) MB")]
    private static partial Regex Size();
}
