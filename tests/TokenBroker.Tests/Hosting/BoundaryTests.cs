using System.Text.RegularExpressions;
using Xunit;

namespace TokenBroker.Tests.Hosting;

/// <summary>Imports run one way: Program → Hosting → {Proxy, Admin, Diagnosis} → {Logging, Limits, Upstream, Tokens}, Upstream → Limits, Diagnosis → Proxy; all may read Configuration.</summary>
public partial class BoundaryTests
{
    private static readonly Dictionary<string, string[]> MayUse = new()
    {
        ["Configuration"] = [],
        ["Limits"] = ["Configuration"],
        ["Logging"] = ["Configuration"],
        ["Tokens"] = ["Configuration"],
        ["Upstream"] = ["Configuration", "Limits"],
        ["Proxy"] = ["Configuration", "Limits", "Logging", "Tokens", "Upstream"],
        ["Admin"] = ["Configuration", "Logging", "Tokens"],
        // It diagnoses the way to storage that Proxy makes, with Proxy's own parts.
        ["Diagnosis"] = ["Configuration", "Limits", "Tokens", "Upstream", "Proxy"],
        ["Hosting"] = ["Configuration", "Limits", "Logging", "Tokens", "Upstream", "Proxy", "Admin", "Diagnosis"],
    };

    [Fact]
    public void Imports_run_one_way()
    {
        var found = Directory.GetDirectories(Repository.Path("sidecar")).Select(Path.GetFileName)
            .Where(name => name is not ("bin" or "obj")).Order().ToList();
        Assert.Equal(MayUse.Keys.Order(), found);
        foreach (var (slice, allowed) in MayUse)
        {
            foreach (var file in Directory.GetFiles(Repository.Path("sidecar", slice), "*.cs", SearchOption.AllDirectories))
            {
                var used = Using().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value).Where(MayUse.ContainsKey);
                Assert.All(used, other => Assert.True(other == slice || allowed.Contains(other), $"{file} uses {other}"));
            }
        }
    }

    [Theory]
    [InlineData("Tokens")]
    [InlineData("Upstream")]
    public void Slices_below_the_proxy_know_nothing_of_proxying(string slice)
    {
        foreach (var file in Directory.GetFiles(Repository.Path("sidecar", slice), "*.cs", SearchOption.AllDirectories))
            Assert.DoesNotMatch("Microsoft\\.AspNetCore|Yarp", File.ReadAllText(file));
    }

    [Fact]
    public void No_type_hides_behind_an_empty_word() =>
        Assert.DoesNotContain(typeof(TokenBroker.Hosting.BrokerHost).Assembly.GetTypes(),
            type => Regex.IsMatch(type.Name, "(Manager|Helper|Helpers|Utils|Service)$"));

    [Fact]
    public void The_program_is_a_contents_page() =>
        Assert.True(File.ReadLines(Repository.Path("sidecar", "Program.cs")).Count() <= 60);

    [GeneratedRegex(@"TokenBroker\.(\w+)")]
    private static partial Regex Using();
}
