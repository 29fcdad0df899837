using Xunit;

namespace TokenBroker.Tests.Architecture;

/// <summary>Shows all that a rule found; xunit's own message ends after a few.</summary>
internal static class Findings
{
    public static void NoneOf(IEnumerable<string> found)
    {
        var all = string.Join('\n', found.Distinct().Order());
        Assert.True(all.Length == 0, all);
    }
}
