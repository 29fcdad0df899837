using System.Reflection;
using Xunit.v3;

namespace TokenBroker.TestSupport.Requirements;

/// <summary>
/// Skips a test, or a class of tests, on a machine that lacks something, with the command that would install it.
/// What counts is the probe (the module is imported, the namespace created), never a guess from names or versions of the system.
/// <c>TOKENBROKER_REQUIRE_ALL=1</c> makes it a failure: on the machine that vouches for a change nothing may be left out quietly.
/// </summary>
/// <remarks>
/// xunit runs this before the test, but after class fixtures and the test's own constructor. What is started
/// there is guarded by <see cref="Requirement.Demand(Capability[])"/> in the constructor; a class fixture starts on first use,
/// since xunit reports whatever it throws as a failure.
/// </remarks>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method | AttributeTargets.Assembly, AllowMultiple = true, Inherited = true)]
public sealed class RequiresAttribute(params Capability[] capabilities) : BeforeAfterTestAttribute
{
    public IReadOnlyList<Capability> Capabilities { get; } = capabilities;

    /// <summary>Modules that the Python interpreter must be able to import, by import name: <c>django</c>, <c>azure.storage.blob</c>.</summary>
    public string[] PythonModules { get; init; } = [];

    public override void Before(MethodInfo methodUnderTest, IXunitTest test) => Requirement.Demand(Capabilities, PythonModules);
}
