using System.Text.RegularExpressions;
using TokenBroker.TestSupport.Processes;
using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.Environments;

/// <summary>However the demo ends, nothing that it started stays behind.</summary>
[Long]
public class DemoEndTests
{
    private static readonly TimeSpan ChildrenLimit = TimeSpan.FromSeconds(10);

    [Fact]
    [Requires(Capability.Node, Capability.Npm)]
    public async Task Killed_parent_leaves_no_child_after_ten_seconds()
    {
        await using var demo = await StartKeptAsync();
        var children = await ChildrenOf(demo);

        await KillAloneAsync(demo.Id);

        Assert.Empty(await ProcessTable.StillRunningAfterAsync(children, ChildrenLimit));
    }

    [Theory]
    [InlineData(Signals.Interrupt)]
    [InlineData(Signals.Terminate)]
    [Requires(Capability.Node, Capability.Npm)]
    public async Task Kept_environment_ends_in_order_when_it_is_told_to(string signal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no signals to send to another console program.");
        await using var demo = await StartKeptAsync();
        var children = await ChildrenOf(demo);

        await Signals.SendAsync(demo.Id, signal);

        Assert.Equal(0, await demo.ExitAsync(ChildrenLimit));
        Assert.DoesNotContain(children, ProcessTable.IsRunning);
    }

    [Fact]
    [Requires(Capability.Node, Capability.Npm)]
    public async Task Interrupted_comparison_ends_with_130()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no signals to send to another console program.");
        await using var demo = ProcessRun.Start(ClientProgram.Demo("--samples", "1000"));
        await demo.LineAsync("^Comparing ", ClientProgram.Limit);

        await Signals.SendAsync(demo.Id, Signals.Interrupt);

        Assert.Equal(130, await demo.ExitAsync(ChildrenLimit));
        Assert.DoesNotContain("   at ", demo.Output, StringComparison.Ordinal);
    }

    [Fact]
    [Requires(Capability.Node, Capability.Npm)]
    public async Task Kept_environment_says_which_process_ended_by_itself()
    {
        await using var demo = await StartKeptAsync();
        var children = await ChildrenOf(demo);

        await KillAloneAsync(children[^1]);

        Assert.Equal(1, await demo.ExitAsync(ChildrenLimit));
        Assert.Contains("The sidecar ended unexpectedly", demo.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(children, ProcessTable.IsRunning);
    }

    [Fact]
    [Requires(Capability.Node, Capability.Npm, Capability.Linux)]
    public async Task Failed_request_is_said_in_its_row_and_makes_the_exit_code_1()
    {
        await using var demo = ProcessRun.Start(ClientProgram.Demo("--size", "1KiB", "--samples", "1000"));
        await demo.LineAsync("^Comparing ", ClientProgram.Limit);

        await KillAloneAsync(Assert.Single(ProcessTable.ChildrenOnLinux(demo.Id, "tokenbroker")));

        Assert.Equal(1, await demo.ExitAsync(ClientProgram.Limit));
        Assert.Matches(@"(?m)^ *(upload|download|ranged read|list|delete) +1 KiB .* no *$", demo.Output);
        Assert.Matches(@"(?m)^(upload|download|ranged read|list|delete) 1 KiB: proxied: ", demo.Output);
        Assert.DoesNotContain("   at ", demo.Output, StringComparison.Ordinal);
    }

    private static async Task<ProcessRun> StartKeptAsync()
    {
        var demo = ProcessRun.Start(ClientProgram.Demo("--keep", "--size", "1KiB", "--samples", "1"));
        await demo.LineAsync("Press Ctrl-C to stop", ClientProgram.Limit);
        return demo;
    }

    private static async Task<int[]> ChildrenOf(ProcessRun demo)
    {
        var line = await demo.LineAsync("processes +(.+)$", ChildrenLimit);
        int[] children = [.. Regex.Matches(line.Groups[1].Value, @"\d+").Select(match => int.Parse(match.Value, null))];
        Assert.Equal(3, children.Length);
        Assert.All(children, child => Assert.True(ProcessTable.IsRunning(child)));
        return children;
    }

    // Without its children: they must find out by themselves.
    private static async Task KillAloneAsync(int process)
    {
        if (OperatingSystem.IsWindows())
            System.Diagnostics.Process.GetProcessById(process).Kill();
        else
            await Signals.SendAsync(process, Signals.Kill);
    }
}
