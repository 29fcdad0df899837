using System.Text;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Processes;
using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.Tests.TestSupport;

[Requires(Capability.Python)]
public sealed class ProcessRunTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Arguments_input_output_and_exit_code_pass_unchanged()
    {
        var result = await ProcessRun.CompleteAsync(Python("import sys; print(sys.argv[1]); print(sys.stdin.read()); print('e', file=sys.stderr); sys.exit(3)", "a \"b\" $c *") with
        {
            StandardInput = Encoding.UTF8.GetBytes("input"),
        });

        Assert.Equal(3, result.ExitCode);
        Assert.Equal("a \"b\" $c *\ninput\n", result.StandardOutput);
        Assert.Contains("e", result.Output.Split('\n'));
    }

    [Fact]
    public async Task Line_is_waited_for_whether_it_came_before_or_comes_after()
    {
        await using var run = ProcessRun.Start(Python("print('port 123', flush=True); input()"));

        Assert.Equal("123", (await run.LineAsync(@"port (\d+)", Limit)).Groups[1].Value);
        Assert.Equal("123", (await run.LineAsync(@"port (\d+)", Limit)).Groups[1].Value);
        Assert.False(run.HasExited);
    }

    [Fact]
    public async Task Waiting_for_a_line_of_a_process_that_ends_shows_what_it_printed_last()
    {
        await using var run = ProcessRun.Start(Python("print('last words')"));

        var fault = await Assert.ThrowsAsync<InvalidOperationException>(() => run.LineAsync("never printed", Limit));

        Assert.Contains("last words", fault.Message);
    }

    [Fact]
    public async Task Process_that_takes_longer_than_its_limit_is_ended()
    {
        await Assert.ThrowsAsync<TimeoutException>(() =>
            ProcessRun.CompleteAsync(Python("import time; time.sleep(600)") with { Limit = TimeSpan.FromSeconds(0.5) }));
    }

    [Fact]
    public async Task Variables_that_divert_credentials_or_traffic_are_removed_from_the_environment()
    {
        Assert.All(["AZURE_CLIENT_ID", "IDENTITY_ENDPOINT", "MSI_SECRET", "https_proxy", "HTTP_PROXY", "TOKENBROKER__Accounts"], name => Assert.True(CleanEnvironment.Removes(name)));
        Assert.All(["PATH", "HOME", "TEMP", "DOTNET_ROOT"], name => Assert.False(CleanEnvironment.Removes(name)));

        var result = await ProcessRun.CompleteAsync(Python("import os; print(os.environ.get('AZURE_X'), 'PATH' in os.environ)") with
        {
            Environment = new Dictionary<string, string?> { ["AZURE_X"] = "set by the test" },
        });

        Assert.Equal("set by the test True\n", result.StandardOutput);
    }

    [Fact]
    public async Task Condition_that_never_holds_is_named_in_the_failure()
    {
        var fault = await Assert.ThrowsAsync<TimeoutException>(() => Wait.UntilAsync(() => false, TimeSpan.FromMilliseconds(50), "the moon is blue"));

        Assert.Contains("the moon is blue", fault.Message);
    }

    private static ProcessSpec Python(string program, params string[] arguments) => new(PythonInterpreter.File, ["-c", program, .. arguments]) { Limit = Limit };
}
