using Xunit;

namespace TokenBroker.TestSupport.Requirements;

/// <summary>The rule behind <see cref="RequiresAttribute"/>, for constructors and fixtures that must ask for themselves.</summary>
public static class Requirement
{
    /// <summary>Skips the running test if something is missing, or fails it under <c>TOKENBROKER_REQUIRE_ALL=1</c>.</summary>
    public static void Demand(params Capability[] capabilities) => Demand(capabilities, []);

    /// <summary>What is missing here and how to get it, one sentence each; empty if everything is there.</summary>
    public static IReadOnlyList<string> Missing(IEnumerable<Capability> capabilities, IReadOnlyCollection<string> pythonModules)
    {
        var missing = capabilities.Select(CapabilityProbes.Missing).OfType<string>().ToList();
        if (pythonModules.Count > 0 && PythonInterpreter.Missing(pythonModules) is { } sentence && !missing.Contains(sentence))
            missing.Add(sentence);
        return missing;
    }

    /// <summary>The same, with modules that the Python interpreter must be able to import.</summary>
    public static void Demand(IEnumerable<Capability> capabilities, IReadOnlyCollection<string> pythonModules)
    {
        var missing = Missing(capabilities, pythonModules);
        if (missing.Count == 0)
            return;
        var sentence = string.Join(' ', missing);
        if (IsOn("TOKENBROKER_REQUIRE_ALL"))
            Assert.Fail($"{sentence} (A failure and not a skip, since TOKENBROKER_REQUIRE_ALL=1.)");
        Assert.Skip(sentence);
    }

    // "CI=true" does not count: a contributor's own CI may well lack what ours installs.
    internal static bool IsOn(string variable) => Environment.GetEnvironmentVariable(variable) is "1" or "true";
}
