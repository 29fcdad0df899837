using System.Reflection;
using Xunit;
using Xunit.v3;

namespace TokenBroker.TestSupport.Requirements;

/// <summary>A test that takes minutes: skipped with a sentence unless <c>TOKENBROKER_LONG=1</c>, so that a plain <c>dotnet test</c> stays short.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method, AllowMultiple = false, Inherited = true)]
public sealed class LongAttribute : BeforeAfterTestAttribute
{
    public override void Before(MethodInfo methodUnderTest, IXunitTest test)
    {
        if (!Requirement.IsOn("TOKENBROKER_LONG"))
            Assert.Skip("This test takes minutes and runs only on request: set TOKENBROKER_LONG=1.");
    }

    /// <summary>Names of the classes that have such a test and are not in the collection.</summary>
    public static IEnumerable<string> ClassesOutside(string collection, Assembly assembly) =>
        from type in assembly.GetTypes()
        where type.GetMethods().Any(method => method.IsDefined(typeof(LongAttribute)) && method.IsDefined(typeof(FactAttribute)))
        where type.GetCustomAttribute<CollectionAttribute>()?.Name != collection
        select type.FullName;
}
