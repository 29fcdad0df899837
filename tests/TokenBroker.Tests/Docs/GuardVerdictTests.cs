using TokenBroker.TestSupport.Processes;
using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.Tests.Docs;

/// <summary>What the guards' script makes of a test run: a test that was skipped, or that fails anyway, proves nothing.</summary>
public class GuardVerdictTests
{
    private const string Skip = "    A.Tests.One [SKIP]\n      Needs chromium, and `chromium --version` does not run: apt-get install chromium.\n";

    [Theory]
    [Requires(Capability.Node)]
    [InlineData("   A.Tests  Total: 3, Errors: 0, Failed: 2, Skipped: 0, Not Run: 0, Time: 0.1s", "red: 2 of 3")]
    [InlineData("   A.Tests  Total: 3, Errors: 1, Failed: 0, Skipped: 0, Not Run: 0, Time: 0.1s", "red: 1 of 3")]
    [InlineData("   A.Tests  Total: 3, Errors: 0, Failed: 0, Skipped: 0, Not Run: 0, Time: 0.1s", "FAULT: A.Tests.One stays green (3 run)")]
    [InlineData(Skip + "   A.Tests  Total: 3, Errors: 0, Failed: 0, Skipped: 1, Not Run: 0, Time: 0.1s", "NOT PROVEN: 1 of 3 skipped. Needs chromium, and `chromium --version` does not run: apt-get install chromium.")]
    [InlineData(Skip + "   A.Tests  Total: 3, Errors: 0, Failed: 1, Skipped: 1, Not Run: 0, Time: 0.1s", "red: 1 of 3")]
    [InlineData("the process ended", "FAULT: A.Tests.One ended without a result")]
    public Task A_guard_is_proven_only_by_a_test_that_fails_without_it(string output, string verdict) => JudgesAsync("judge", output, verdict);

    [Theory]
    [Requires(Capability.Node)]
    [InlineData("   A.Tests  Total: 3, Errors: 0, Failed: 0, Skipped: 0, Not Run: 0, Time: 0.1s", "null")]
    [InlineData(Skip + "   A.Tests  Total: 3, Errors: 0, Failed: 0, Skipped: 1, Not Run: 0, Time: 0.1s", "null")]
    [InlineData(Skip + "   A.Tests  Total: 1, Errors: 0, Failed: 0, Skipped: 1, Not Run: 0, Time: 0.1s", "NOT PROVEN: 1 of 1 skipped. Needs chromium, and `chromium --version` does not run: apt-get install chromium.")]
    [InlineData("   A.Tests  Total: 3, Errors: 0, Failed: 2, Skipped: 0, Not Run: 0, Time: 0.1s", "FAULT: A.Tests.One fails with the guard in place (2 of 3)")]
    [InlineData("   A.Tests  Total: 0", "FAULT: there is no test A.Tests.One")]
    [InlineData("the process ended", "FAULT: A.Tests.One ended without a result, with the guard in place")]
    public Task A_test_that_is_skipped_or_fails_with_the_guard_in_place_proves_nothing(string output, string verdict) => JudgesAsync("judgeBefore", output, verdict);

    [Fact]
    [Requires(Capability.Node)]
    public async Task Every_patch_fits_exactly_one_place()
    {
        var result = await ProcessRun.CompleteAsync(new ProcessSpec("node", Repository.Path("tests", "guards", "guards.mjs"), "--fits"));
        Assert.Equal((0, ""), (result.ExitCode, result.Output));
    }

    private static async Task JudgesAsync(string function, string output, string verdict)
    {
        const string Script = "const [path, judge, output] = process.argv.slice(1); const verdict = await import(path);"
            + "console.log(String(verdict[judge](verdict.readRun(output), 'A.Tests.One')));";
        var module = new Uri(Repository.Path("tests", "guards", "verdict.mjs")).AbsoluteUri;
        var result = await ProcessRun.CompleteAsync(new ProcessSpec("node", "--input-type=module", "-e", Script, module, function, output));
        Assert.Equal(verdict, result.StandardOutput.Trim());
    }
}
