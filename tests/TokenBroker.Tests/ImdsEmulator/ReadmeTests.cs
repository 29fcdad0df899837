using System.Net;
using System.Text.RegularExpressions;
using TokenBroker.Imds;
using TokenBroker.Imds.Faults;
using TokenBroker.Imds.Identities;
using Xunit;

namespace TokenBroker.Tests.Emulator;

/// <summary>What the emulator's README shows works.</summary>
public sealed partial class ReadmeTests
{
    private static readonly string Readme = File.ReadAllText(Path.Combine(Root(), "compose", "imds", "README.md"));

    [Fact]
    public async Task Every_fault_that_the_README_posts_is_accepted()
    {
        await using var emulator = await ImdsEmulator.StartAsync(new() { Identities = [EmulatedIdentity.System(), EmulatedIdentity.User("backup")] });
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = emulator.ControlAddress };

        var bodies = PostedFault().Matches(Readme).Select(match => match.Groups[1].Value).ToArray();

        Assert.True(bodies.Length >= 5, "the README has lost its examples");
        foreach (var body in bodies)
        {
            using var answer = await http.PostAsync("/faults", new StringContent(body));
            Assert.True(answer.StatusCode == HttpStatusCode.Created, $"{body}: {await answer.Content.ReadAsStringAsync()}");
        }
    }

    [Fact]
    public async Task The_README_has_a_row_for_every_kind_and_every_option()
    {
        await using var process = EmulatorProcess.Start(["--help"]);
        var (_, help, _) = await process.WaitForExitAsync();

        var options = OptionName().Matches(help).Select(match => match.Value).Except(["--help", "--version"]).ToArray();
        var kinds = Enum.GetValues<FaultKind>().Select(kind => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(kind.ToString()));

        Assert.NotEmpty(options);
        Assert.All(options, option => Assert.Contains($"`{option}", Readme, StringComparison.Ordinal));
        Assert.All(kinds, kind => Assert.Contains($"\n| `{kind}` |", Readme, StringComparison.Ordinal));
    }

    [GeneratedRegex("-d '([^']+)'")]
    private static partial Regex PostedFault();

    [GeneratedRegex("--[a-z][a-z-]+")]
    private static partial Regex OptionName();

    private static string Root()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "TokenBroker.sln")))
            directory = directory.Parent ?? throw new InvalidOperationException("TokenBroker.sln is not above the test's binaries");
        return directory.FullName;
    }
}
