using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.TestSupport.Processes;
using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.RejectedTokens;

/// <summary>
/// Clients that try nothing again see the one answer that an upload gets when its token is rejected: 503, and a second
/// run succeeds. docs/clients.md lists them.
/// </summary>
[Long]
public class WithoutRetryTests
{
    [Fact]
    [Requires(Capability.Python)]
    public async Task Plain_urllib_sees_the_503_once()
    {
        await using var scene = await RejectionScene.StartAsync();

        Assert.Equal("503", await PutAsync(() => scene.RejectTokenInUseAsync()));
        Assert.Equal("201", await PutAsync(() => Task.CompletedTask));

        Task<string> PutAsync(Func<Task> go) =>
            ClientProcess.RunAsync("status", go, scene.ConnectionString, PythonInterpreter.File, ClientProcess.PathOf("url.py"), scene.Blob("small").AbsoluteUri);
    }

    [Fact]
    [Requires(Capability.Node)]
    public async Task Fetch_of_Node_sees_the_503_once()
    {
        await using var scene = await RejectionScene.StartAsync();

        Assert.Equal("503", await PutAsync(() => scene.RejectTokenInUseAsync()));
        Assert.Equal("201", await PutAsync(() => Task.CompletedTask));

        Task<string> PutAsync(Func<Task> go) => ClientProcess.RunAsync("status", go, scene.ConnectionString, "node", "-e", """
            console.log("ready");
            process.stdin.once("data", async () => {
                const headers = { "x-ms-version": "2021-12-02", "x-ms-blob-type": "BlockBlob" };
                console.log("status " + (await fetch(process.argv[1], { method: "PUT", body: "small", headers })).status);
                process.exit(0);
            });
            """, scene.Blob("small").AbsoluteUri);
    }

    [Theory]
    [Requires(Capability.Curl)]
    [InlineData("503")]
    [InlineData("201", "--retry", "2")]
    public async Task Curl_sees_the_503_unless_it_is_told_to_try_again(string expected, params string[] arguments)
    {
        await using var scene = await RejectionScene.StartAsync();
        await scene.RejectTokenInUseAsync();

        var run = await ProcessRun.CompleteAsync(new ProcessSpec("curl",
        [
            "-q", "-s", "-S", "-o", scene.Discarded, "-w", "%{http_code}", "-X", "PUT", "--data-binary", "small",
            "-H", $"x-ms-version: {Http.Version}", "-H", "x-ms-blob-type: BlockBlob", .. arguments, scene.Blob("small").AbsoluteUri,
        ]));

        Assert.Equal((0, expected), (run.ExitCode, run.StandardOutput.Trim()));
    }
}
