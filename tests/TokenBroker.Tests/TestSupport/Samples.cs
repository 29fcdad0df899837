using System.Runtime.CompilerServices;
using TokenBroker.TestSupport.Requirements;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

namespace TokenBroker.Tests.TestSupport;

// Tests that exist only in the child run of RequiresAttributeTests: what a skip looks like can be seen from outside alone.

/// <summary>A module that cannot be there stands for everything that a machine may lack.</summary>
[Requires(PythonModules = [Nowhere])]
public sealed class MissingForTheClass
{
    public const string Nowhere = "tokenbroker_no_such_module";

    [SampleFact]
    public void Never_runs() => Assert.Fail("ran although the class requires what is not there");
}

public sealed class MissingForTheMethod
{
    [SampleFact]
    [Requires(PythonModules = [MissingForTheClass.Nowhere])]
    public void Never_runs() => Assert.Fail("ran although the method requires what is not there");

    [SampleTheory]
    [InlineData(1)]
    [InlineData(2)]
    [Requires(PythonModules = [MissingForTheClass.Nowhere])]
    public void Never_runs_for(int row) => Assert.Fail($"ran row {row} although the method requires what is not there");

    [SampleFact]
    [Requires]
    public void Runs()
    {
    }
}

/// <summary>The way for what is started before an attribute is asked: a fixture, or a constructor.</summary>
public sealed class MissingForTheConstructor
{
    public MissingForTheConstructor() => Requirement.Demand([], [MissingForTheClass.Nowhere]);

    [SampleFact]
    public void Never_runs() => Assert.Fail("ran although the constructor demands what is not there");
}

[Long]
public sealed class LongSample
{
    [SampleFact]
    public void Runs_on_request_only()
    {
    }
}

[XunitTestCaseDiscoverer(typeof(SampleFactDiscoverer))]
public sealed class SampleFactAttribute([CallerFilePath] string? sourceFilePath = null, [CallerLineNumber] int sourceLineNumber = -1)
    : FactAttribute(sourceFilePath, sourceLineNumber);

[XunitTestCaseDiscoverer(typeof(SampleTheoryDiscoverer))]
public sealed class SampleTheoryAttribute([CallerFilePath] string? sourceFilePath = null, [CallerLineNumber] int sourceLineNumber = -1)
    : TheoryAttribute(sourceFilePath, sourceLineNumber);

public sealed class SampleFactDiscoverer : FactDiscoverer
{
    public const string Variable = "TOKENBROKER_SAMPLES";

    public static bool IsOn => Environment.GetEnvironmentVariable(Variable) == "1";

    public override ValueTask<IReadOnlyCollection<IXunitTestCase>> Discover(
        ITestFrameworkDiscoveryOptions discoveryOptions, IXunitTestMethod testMethod, IFactAttribute factAttribute) =>
        IsOn ? base.Discover(discoveryOptions, testMethod, factAttribute) : new([]);
}

public sealed class SampleTheoryDiscoverer : TheoryDiscoverer
{
    public override ValueTask<IReadOnlyCollection<IXunitTestCase>> Discover(
        ITestFrameworkDiscoveryOptions discoveryOptions, IXunitTestMethod testMethod, IFactAttribute factAttribute) =>
        SampleFactDiscoverer.IsOn ? base.Discover(discoveryOptions, testMethod, factAttribute) : new([]);
}
