using System.Text.Json;
using System.Text.Json.Nodes;
using TokenBroker.EndToEnd.HostsEntry;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.Local.Azurite;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Processes;
using Xunit;

namespace TokenBroker.EndToEnd.Browser;

/// <summary>A browser as a person has it: the system's Chromium, new and empty, with a hosts file that the test writes.</summary>
internal sealed class ChromiumRun : IAsyncDisposable
{
    /// <summary>An attempt may take half a minute before its page gives it up.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly TemporaryDirectory _directory;
    private readonly ProcessRun _driver;
    private int _commands;

    private ChromiumRun(TemporaryDirectory directory, ProcessRun driver) => (_directory, _driver) = (directory, driver);

    public HostsFile Hosts => new(_directory.File("hosts"));

    public static string PathOf(string name) => Repository.PathOf($"tests/TokenBroker.EndToEnd/Browser/{name}");

    public static async Task<ChromiumRun> StartAsync()
    {
        var node = await NodeInstallation.FindAsync(Environment.GetEnvironmentVariable("PATH") ?? "", TestContext.Current.CancellationToken);
        await new AzuritePackages(PathOf("js")).PrepareAsync(node, null, TestContext.Current.CancellationToken);
        var directory = new TemporaryDirectory();
        var hosts = new HostsFile(directory.File("hosts"));
        await hosts.WriteAsync();
        var driver = ProcessRun.Start(hosts.Within(new ProcessSpec(node.NodePath, PathOf("js/browse.mjs"), directory.File("profile"), Executable.Find("chromium")!)
        {
            Environment = new Dictionary<string, string?> { ["HOME"] = directory.Path }, // where it would look for more than its profile
        }));
        var run = new ChromiumRun(directory, driver);
        try
        {
            await driver.LineAsync("^ready ", RunningSidecar.Limit);
            return run;
        }
        catch
        {
            await run.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens a page in a new tab.</summary>
    public async Task<Tab> OpenAsync(Uri page) => new(this, (await SendAsync(new() { ["open"] = page.AbsoluteUri })).GetValue<int>());

    /// <summary>Makes the browser ask again where a host is, as it does by itself after a minute.</summary>
    public Task ForgetHostsAsync() => SendAsync(new() { ["forget"] = true });

    public async ValueTask DisposeAsync()
    {
        await _driver.DisposeAsync();
        _directory.Dispose();
    }

    private async Task<JsonNode> SendAsync(JsonObject command)
    {
        var id = command["id"] = Interlocked.Increment(ref _commands);
        _driver.SendLine(command.ToJsonString());
        var line = await _driver.LineAsync($"^answer {id} (.*)$", Limit);
        var answer = JsonNode.Parse(line.Groups[1].Value)!;
        Assert.True(answer["error"] is null, $"{command.ToJsonString()}: {answer["error"]}");
        return answer["value"] ?? new JsonObject();
    }

    /// <summary>A page that is open.</summary>
    internal sealed class Tab(ChromiumRun browser, int number)
    {
        /// <summary>Makes every attempt on the target, and gives what the page learned by each.</summary>
        public async Task<IReadOnlyList<Attempt>> AttackAsync(Target target)
        {
            var answer = await CallAsync("attack", JsonSerializer.SerializeToNode(target, JsonSerializerOptions.Web));
            var attempts = answer.Deserialize<Attempt[]>(JsonSerializerOptions.Web)!;
            Assert.NotEmpty(attempts);
            Assert.All(attempts, attempt => Assert.False(attempt.TimedOut, $"{attempt} on {target.Write}"));
            return attempts;
        }

        /// <summary>What the page's own origin answers, once anybody answers there.</summary>
        public async Task<string> UntilAnsweredAsync() => (await CallAsync("untilAnswered", null)).GetValue<string>();

        private Task<JsonNode> CallAsync(string function, JsonNode? argument) =>
            browser.SendAsync(new() { ["tab"] = number, ["call"] = function, ["argument"] = argument });
    }
}
