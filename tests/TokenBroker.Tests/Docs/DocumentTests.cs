using System.Globalization;
using System.Text.RegularExpressions;
using Azure.Storage.Blobs;
using TokenBroker.Configuration;
using TokenBroker.Configuration.Reading;
using TokenBroker.Hosting.Commands;
using TokenBroker.Proxy;
using TokenBroker.Tests.Functional;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Network;
using TokenBroker.TestSupport.Processes;
using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.Tests.Docs;

/// <summary>What the documents say in passing: links, commands, settings, addresses and reasons are real ones.</summary>
public partial class DocumentTests
{
    private static readonly Document Readme = Document.Of("README.md");

    [Fact]
    public void Every_relative_link_leads_somewhere()
    {
        foreach (var document in Document.All())
        {
            foreach (var target in Link().Matches(document.Text).Select(match => match.Groups[1].Value).Where(IsRelative))
            {
                var (file, anchor) = target.Split('#') is [var path, var name] ? (path, name) : (target, null);
                var here = Path.GetDirectoryName(Repository.Path(document.Path.Split('/')))!;
                var there = file.Length == 0 ? Repository.Path(document.Path.Split('/')) : Path.GetFullPath(Path.Combine(here, file));
                Assert.True(Path.Exists(there), $"{document.Path} links to {target}, which is not there.");
                if (anchor is not null)
                    Assert.Contains(anchor, Document.Of(Path.GetRelativePath(Repository.Path(), there).Replace('\\', '/')).Anchors());
            }
        }

        static bool IsRelative(string target) => !target.StartsWith("http", StringComparison.Ordinal);
    }

    [Fact]
    public void Every_JSON_block_is_a_configuration_without_faults()
    {
        using var directory = new TemporaryDirectory();
        var blocks = new[] { Readme, Document.Of("docs/configuration.md") }.SelectMany(document => document.Blocks("json")).ToList();
        Assert.True(blocks.Count >= 2, "The documents have lost their examples.");
        foreach (var block in blocks)
        {
            var file = Path.Combine(directory.Path, "tokenbroker.json");
            File.WriteAllText(file, block);
            var result = BrokerConfiguration.Read([], file, ProcessEnvironment.Empty);
            Assert.Empty(result.Faults);
            Assert.NotNull(result.Options);
        }
    }

    [Fact]
    public void Every_dotnet_command_names_a_project_that_exists()
    {
        var commands = Document.All().SelectMany(document => document.Commands()).Where(line => line.StartsWith("dotnet ", StringComparison.Ordinal)).ToList();
        Assert.True(commands.Count >= 4, "The documents have lost their commands.");
        foreach (var command in commands)
        {
            var words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var project = words[1] == "publish" ? words[2] : words.SkipWhile(word => word != "--project").Skip(1).FirstOrDefault();
            if (project is not null)
                Assert.True(Directory.GetFiles(Repository.Path(project.Split('/')), "*.csproj").Length == 1, $"No project for: {command}");
        }
    }

    [Fact]
    public void Every_variable_in_the_documents_names_a_setting()
    {
        var names = Document.All().SelectMany(document => Variable().Matches(document.Text)).Select(match => match.Groups[1].Value)
            .Where(name => name != "Listn") // the documents' own typing error
            .Select(name => Regex.Replace(Regex.Replace(name, "__[0-9]+$", ""), "^Accounts__[a-z]+__", "Accounts__NAME__").Replace("__", ":", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(names);
        Assert.All(names, name => Assert.Contains(name, SettingTable.Rows.Select(row => row.Key)));
    }

    [Fact]
    public void Every_option_in_the_documents_exists()
    {
        var known = SettingTable.Rows.Select(row => row.Option).OfType<string>()
            .Concat(["--config", "--help", "--version"]) // the sidecar's
            .Concat(Subcommand.All().SelectMany(subcommand => subcommand.Options).Select(option => option.Name))
            .Concat(["--keep", "--json", "--port"]) // the demo's
            .Concat(["--retry"]); // curl's
        var named = Document.All().Where(document => !document.Path.StartsWith("compose", StringComparison.Ordinal))
            .SelectMany(document => OptionInWords().Matches(document.Text).Select(match => match.Groups[1].Value)).Distinct();
        Assert.All(named, option => Assert.Contains(option, known));
    }

    [Fact]
    public void Every_connection_string_leads_to_the_account_at_the_sidecar()
    {
        var texts = Document.All().Where(document => !document.Path.StartsWith("compose", StringComparison.Ordinal))
            .SelectMany(document => ConnectionString().Matches(document.Text)).Select(match => match.Value).ToList();
        Assert.True(texts.Count >= 4, "The documents have lost their connection strings.");
        foreach (var text in texts)
        {
            var client = new BlobServiceClient(text.Replace("ACCOUNT;", "photos;", StringComparison.Ordinal).Replace("=KEY", "=a2V5", StringComparison.Ordinal));
            var blob = client.GetBlobContainerClient("c").GetBlobClient("b");
            Assert.Equal("http://127.0.0.1:11000/photos/c/b", blob.Uri.GetLeftPart(UriPartial.Path));
            Assert.Equal(("photos", "c", "b"), (blob.AccountName, blob.BlobContainerName, blob.Name));
        }
    }

    [Fact]
    public void Every_reason_in_the_documents_is_a_refusal_with_that_status()
    {
        var named = Document.All().Where(document => !document.Path.StartsWith("compose", StringComparison.Ordinal))
            .SelectMany(document => StatusAndReason().Matches(document.Text)).ToList();
        Assert.True(named.Count >= 8, "The documents have lost their reasons.");
        Assert.All(named, match => Assert.Contains(Refusal.All, refusal =>
            refusal.Reason == match.Groups[2].Value && refusal.Status == int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task Every_admin_path_of_the_README_is_there()
    {
        var rows = AdminRow().Matches(Readme.Text).Select(match => (Method: match.Groups[1].Value.Trim(), Path: match.Groups[2].Value)).ToList();
        Assert.True(rows.Count >= 4, "The README has lost its surface.");
        await using var broker = await RunningBroker.StartAsync();
        foreach (var (method, path) in rows)
        {
            var answer = method.Length == 0
                ? await broker.GetAdminAsync(path)
                : await RawConnection.ExchangeAsync(broker.Admin,
                    $"{method} {path} HTTP/1.1\r\nHost: {broker.Admin.Authority}\r\nX-TokenBroker: 1\r\nContent-Length: 0\r\n\r\n");
            Assert.True(answer.Status is 200 or 503, $"{method} {path}: {answer.StatusLine}");
        }
    }

    [Fact]
    [Requires(Capability.Linux)]
    public async Task Script_of_CI_takes_its_test_command_from_the_README()
    {
        var extraction = Assert.Single(File.ReadLines(Repository.Path(".ci", "run")), line => line.Contains("awk", StringComparison.Ordinal) && line.Contains("README.md", StringComparison.Ordinal));
        var result = await ProcessRun.CompleteAsync(new ProcessSpec("bash", "-c", extraction) { WorkingDirectory = Repository.Path() });

        Assert.Equal("dotnet test", result.Output.Trim());
        Assert.Contains(result.Output.Trim(), Readme.Commands());
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("format", 1)]
    public async Task A_phase_that_failed_fails_the_whole_run_whatever_came_after_it(string fault, int exitCode)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Needs bash: run this test on Linux or macOS.");
        var lines = File.ReadAllLines(Repository.Path(".ci", "run"));
        var end = Array.FindIndex(lines, line => line == "trap finish EXIT");
        var function = lines[Array.FindIndex(lines, line => line == "finish() {")..(end + 1)];
        var script = string.Join('\n', ["scratch=$(mktemp -d)", $"faults=({fault})", "counts='1 passed, 0 failed, 0 skipped'", .. function, "true"]);

        var result = await ProcessRun.CompleteAsync(new ProcessSpec("bash", "-c", script));

        Assert.Equal((exitCode, fault.Length > 0), (result.ExitCode, result.Output.Contains($"FAILED: {fault}", StringComparison.Ordinal)));
        Assert.EndsWith("1 passed, 0 failed, 0 skipped", result.Output.TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public void Decisions_are_numbered_without_a_gap()
    {
        var files = Directory.GetFiles(Repository.Path("docs", "decisions"), "0*.md").Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(Enumerable.Range(1, files.Count), files.Select(file => int.Parse(file[..4], CultureInfo.InvariantCulture)));
        Assert.All(files, file => Assert.StartsWith($"# {int.Parse(file[..4], CultureInfo.InvariantCulture)}. ", Document.Of($"docs/decisions/{file}").Text));
    }

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("TOKENBROKER__([A-Za-z0-9_]+)")]
    private static partial Regex Variable();

    [GeneratedRegex(@"`(--[a-z-]+)")]
    private static partial Regex OptionInWords();

    [GeneratedRegex(@"(DefaultEndpointsProtocol=http;\S*?)?BlobEndpoint=http://127\.0\.0\.1:11000/ACCOUNT;(SharedAccessSignature=[^\s`]+)?")]
    private static partial Regex ConnectionString();

    [GeneratedRegex("([1-5][0-9][0-9]) `([a-z]+(?:-[a-z]+)+)`")]
    private static partial Regex StatusAndReason();

    [GeneratedRegex(@"^\| `(POST )?(/[^`…]+)` \| admin", RegexOptions.Multiline)]
    private static partial Regex AdminRow();
}
