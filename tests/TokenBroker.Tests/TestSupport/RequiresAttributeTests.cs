using TokenBroker.TestSupport.Processes;
using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.Tests.TestSupport;

[Requires]
public sealed class RequiresAttributeTests
{
    [Fact]
    public async Task Missing_capability_skips_facts_and_theories_by_class_method_and_constructor()
    {
        var run = await RunSamplesAsync();

        Assert.Equal(0, run.ExitCode);
        // One by class, one by method, two rows of a theory, one by constructor, one long.
        Assert.Contains("Failed: 0, Skipped: 6", run.Output);
        Assert.Contains("Total: 7", run.Output);
    }

    [Fact]
    public async Task Require_all_turns_a_skip_into_a_failure_but_leaves_long_tests_alone()
    {
        var run = await RunSamplesAsync(("TOKENBROKER_REQUIRE_ALL", "1"));

        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains("Failed: 5, Skipped: 1", run.Output);
        Assert.Contains("TOKENBROKER_REQUIRE_ALL=1", run.Output);
    }

    [Fact]
    public async Task Being_a_build_server_turns_nothing_into_a_failure()
    {
        var run = await RunSamplesAsync(("CI", "true"));

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("Failed: 0, Skipped: 6", run.Output);
    }

    [Fact]
    public async Task Long_test_runs_on_request()
    {
        var run = await RunSamplesAsync(("TOKENBROKER_LONG", "1"));

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("Total: 7, Errors: 0, Failed: 0, Skipped: 5", run.Output);
    }

    [Fact]
    public void Missing_module_is_named_with_the_command_that_installs_it()
    {
        var sentence = Assert.Single(Requirement.Missing([], [MissingForTheClass.Nowhere]));

        if (Requirement.Missing([Capability.Python], []).Count == 0)
        {
            Assert.Contains(MissingForTheClass.Nowhere, sentence);
            Assert.Contains($"-m pip install {MissingForTheClass.Nowhere}", sentence);
        }
        else
            Assert.Contains("Needs Python 3", sentence);
    }

    [Fact]
    public void Every_capability_has_a_probe_that_answers()
    {
        foreach (var capability in Enum.GetValues<Capability>())
            foreach (var sentence in Requirement.Missing([capability], []))
                Assert.StartsWith("Needs ", sentence);
    }

    [Fact]
    public void Missing_command_is_named_with_the_command_that_installs_it()
    {
        var sentence = CapabilityProbes.Runs("tokenbroker-no-such-command", "--version", new Cure("some-package", "some-formula", "Some.Package"));

        Assert.NotNull(sentence);
        Assert.Contains("tokenbroker-no-such-command", sentence);
        Assert.Matches("(apt-get install -y some-package|brew install some-formula|winget install Some.Package)", sentence);
    }

    [Fact]
    [Requires(Capability.Linux, Capability.Root)]
    public void Namespace_probe_leaves_no_namespace_behind()
    {
        Requirement.Missing([Capability.NetworkNamespaces], []);

        if (Directory.Exists("/run/netns"))
            Assert.DoesNotContain(Directory.GetFiles("/run/netns"), file => file.Contains("tb-probe-"));
    }

    private static async Task<ProcessResult> RunSamplesAsync(params (string Name, string Value)[] variables)
    {
        // This very test program: its apphost, or `dotnet` and its assembly.
        var program = Environment.ProcessPath!;
        List<string> arguments = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [typeof(RequiresAttributeTests).Assembly.Location] : [];
        foreach (var sample in new[] { typeof(MissingForTheClass), typeof(MissingForTheMethod), typeof(MissingForTheConstructor), typeof(LongSample) })
            arguments.AddRange(["-class", sample.FullName!]);
        arguments.Add("-noColor");

        var environment = variables.ToDictionary(v => v.Name, v => (string?)v.Value);
        environment[SampleFactDiscoverer.Variable] = "1";
        if (!environment.ContainsKey("CI"))
            environment["CI"] = null;
        return await ProcessRun.CompleteAsync(new ProcessSpec(program, arguments) { Environment = environment });
    }
}
