using TokenBroker.TestSupport;

namespace TokenBroker.EndToEnd.Streams;

/// <summary>Waits until something that was moving stands still.</summary>
internal static class StandStill
{
    /// <summary>Longer than the sidecar waits for storage's word before it sends a body: 1 s.</summary>
    private static readonly TimeSpan Still = TimeSpan.FromSeconds(2.5);

    /// <summary>The count, once it is not 0 and has not changed for a while.</summary>
    public static async Task<long> OfAsync(Func<long> count)
    {
        var (last, since) = (0L, TimeProvider.System.GetTimestamp());
        await Wait.UntilAsync(() =>
        {
            if (count() is var now && now != last)
                (last, since) = (now, TimeProvider.System.GetTimestamp());
            return last > 0 && TimeProvider.System.GetElapsedTime(since) > Still;
        }, TimeSpan.FromSeconds(60), "the stream stands still");
        return last;
    }
}
