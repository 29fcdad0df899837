using System.Text.RegularExpressions;
using Xunit;

namespace TokenBroker.Tests.Docs;

/// <summary>What docs/security.md says is proved, is proved by a test that there is, and that was seen to fail.</summary>
public partial class ThreatTableTests
{
    [Fact]
    public void Every_test_that_the_threat_table_names_is_there_and_is_tried_without_its_guard()
    {
        var named = TestName().Matches(File.ReadAllText(Repository.Path("docs", "security.md"))).Select(match => match.Groups[1].Value).Distinct().ToList();
        var guards = File.ReadAllText(Repository.Path("tests", "guards", "guards.mjs"));
        var tests = typeof(ThreatTableTests).Assembly.GetTypes().SelectMany(type => type.GetMethods().Select(method => $"{type.Name}.{method.Name}")).Concat(EndToEnd()).ToHashSet();

        Assert.True(named.Count > 15);
        Assert.All(named, test => Assert.Contains(test, tests));
        Assert.All(named, test => Assert.Contains(test, guards, StringComparison.Ordinal));
    }

    /// <summary>By the source, since this assembly does not know that one.</summary>
    private static IEnumerable<string> EndToEnd() =>
        from file in Directory.EnumerateFiles(Repository.Path("tests", "TokenBroker.EndToEnd"), "*Tests.cs", SearchOption.AllDirectories)
        from method in Method().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value)
        select $"{Path.GetFileNameWithoutExtension(file)}.{method}";

    [GeneratedRegex(@"public (?:async Task|Task|void) ([A-Z]\w+)\(")]
    private static partial Regex Method();

    [GeneratedRegex("`([A-Z][A-Za-z]*Tests\\.[A-Za-z_0-9]+)`")]
    private static partial Regex TestName();
}
