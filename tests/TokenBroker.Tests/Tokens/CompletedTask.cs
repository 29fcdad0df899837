using Xunit;

namespace TokenBroker.Tests.Tokens;

internal static class CompletedTask
{
    /// <summary>The result of what must have come to its end: a test on the pump never waits.</summary>
    public static T Now<T>(this Task<T> task)
    {
        Assert.True(task.IsCompleted, "The test would have to wait.");
        return task.GetAwaiter().GetResult();
    }
}
