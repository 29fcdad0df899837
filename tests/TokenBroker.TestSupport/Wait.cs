using System.Diagnostics;

namespace TokenBroker.TestSupport;

/// <summary>Waits for something that tells nobody when it happens. What does tell (a line of output, a recorded request) has its own wait.</summary>
public static class Wait
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    public static Task UntilAsync(Func<bool> condition, TimeSpan limit, string what) =>
        UntilAsync(() => ValueTask.FromResult(condition()), limit, what);

    /// <summary>Returns as soon as the condition holds; throws with <paramref name="what"/> if the limit passes first.</summary>
    public static async Task UntilAsync(Func<ValueTask<bool>> condition, TimeSpan limit, string what)
    {
        var clock = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(Interval);
        while (!await condition())
        {
            if (clock.Elapsed > limit)
                throw new TimeoutException($"Not within {limit}: {what}.");
            await timer.WaitForNextTickAsync();
        }
    }
}
