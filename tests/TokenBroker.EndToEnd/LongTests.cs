using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd;

/// <summary>
/// Every class with a <see cref="LongAttribute"/> test belongs here. Such a test takes the whole machine for minutes, and
/// several watch what happens under load: beside one another, or beside the short tests, they would watch each other. xunit
/// runs this collection by itself, one test after the other.
/// </summary>
[CollectionDefinition(nameof(LongTests), DisableParallelization = true)]
public sealed class LongTests;

public class LongTestsTests
{
    [Fact]
    public void Every_class_with_a_long_test_is_in_the_collection() =>
        Assert.Empty(LongAttribute.ClassesOutside(nameof(LongTests), typeof(LongTests).Assembly));
}
