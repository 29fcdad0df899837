using System.Text.RegularExpressions;
using Xunit;

namespace TokenBroker.Tests.Docs;

/// <summary>What the workflows run is chosen by this repository, and holds no credentials that it does not need.</summary>
public partial class WorkflowTests
{
    [Fact]
    public void Every_action_is_pinned_by_its_commit_and_no_checkout_keeps_credentials()
    {
        var files = Directory.EnumerateFiles(Repository.Path(".github"), "*", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file) is ".yml" or ".yaml").ToList();
        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.Empty(Faults(File.ReadAllText(file))));
    }

    [Fact]
    public void Jobs_have_only_the_permissions_that_they_name()
    {
        foreach (var file in Directory.EnumerateFiles(Repository.Path(".github", "workflows")))
        {
            var text = File.ReadAllText(file);
            Assert.Matches(@"(?m)^permissions: \{\}$", text);
            Assert.DoesNotMatch(@"(?m)^\s+[\w-]+: write\b|write-all|pull_request_target", text);
        }
    }

    [Theory]
    [InlineData("      - uses: actions/setup-node@v4", "not pinned")]
    [InlineData("      - name: node\n        uses: \"actions/setup-node@main\"", "not pinned")]
    [InlineData("      - uses: actions/setup-node@49933ea", "not pinned")]
    [InlineData("      - uses: actions/setup-node@49933ea5288caeca8642d1e84afbd3f7d6820020", "not pinned")]
    [InlineData("      - uses: actions/setup-node@49933ea5288caeca8642d1e84afbd3f7d6820020 # latest", "not pinned")]
    [InlineData("      - { uses: actions/setup-node@v4 }", "not pinned")]
    [InlineData("    uses: owner/name/.github/workflows/ci.yml@v1", "not pinned")]
    [InlineData("      - uses: docker://alpine:3", "not pinned")]
    [InlineData("      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2", "keeps credentials")]
    [InlineData("      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2\n      - run: echo\n        with:\n          persist-credentials: false", "keeps credentials")]
    [InlineData("      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2\n        with:\n          persist-credentials: true", "keeps credentials")]
    [InlineData("      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2\n        with:\n          # persist-credentials: false\n          fetch-depth: 1", "keeps credentials")]
    public void What_is_wrong_in_a_workflow_is_found(string step, string fault) => Assert.Contains(fault, Assert.Single(Faults(step)), StringComparison.Ordinal);

    [Theory]
    [InlineData("      - name: code\n        with:\n          persist-credentials: false\n        uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2")]
    [InlineData("      - uses: ./.github/actions/own")]
    [InlineData("      # - uses: actions/setup-node@v4")]
    public void What_is_right_in_a_workflow_is_not_found(string step) => Assert.Empty(Faults(step));

    private static IEnumerable<string> Faults(string workflow)
    {
        var lines = workflow.Split('\n');
        for (var number = 0; number < lines.Length; number++)
        {
            if (!Uses().IsMatch(lines[number]) || Own().IsMatch(lines[number]))
                continue;
            if (!Pinned().IsMatch(lines[number]))
                yield return $"line {number + 1} is not pinned by a commit with its version in a comment: {lines[number].Trim()}";
            else if (lines[number].Contains("actions/checkout@", StringComparison.Ordinal) && !StepOf(lines, number).Any(line => DropsCredentials().IsMatch(line)))
                yield return $"line {number + 1} keeps credentials: set persist-credentials to false";
        }
    }

    /// <summary>The lines from the step's dash to the next line that is indented no deeper than the dash.</summary>
    private static IEnumerable<string> StepOf(string[] lines, int number)
    {
        var indent = lines[number].Length - lines[number].TrimStart(' ', '-').Length - 2;
        var start = number;
        while (start > 0 && !lines[start].AsSpan(Math.Min(indent, lines[start].Length)).StartsWith("- "))
            start--;
        return lines[start..(start + 1)].Concat(lines[(start + 1)..].TakeWhile(line => line.Length == 0 || line.Length - line.TrimStart(' ').Length > indent));
    }

    [GeneratedRegex(@"^[^#]*\buses\s*:")]
    private static partial Regex Uses();

    [GeneratedRegex(@"\buses\s*:\s*[""']?\./")]
    private static partial Regex Own();

    [GeneratedRegex(@"^[\s-]*uses: [\w.-]+(?:/[\w.-]+)+@[0-9a-f]{40} # v\d+(?:\.\d+)+$")]
    private static partial Regex Pinned();

    [GeneratedRegex(@"^\s*persist-credentials: false\s*(?:#.*)?$")]
    private static partial Regex DropsCredentials();
}
