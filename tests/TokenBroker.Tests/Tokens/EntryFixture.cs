using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using TokenBroker.TestSupport;
using TokenBroker.Tokens;
using Xunit;

namespace TokenBroker.Tests.Tokens;

/// <summary>One running entry on a test clock, over a scripted source.</summary>
internal sealed class EntryFixture : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly Task _loop;

    public EntryFixture()
    {
        Source = new(Clock);
        Entry = new("system", Source, TimeSpan.FromSeconds(10), Clock, new Random(1),
            new TokenMetrics(_services.GetRequiredService<IMeterFactory>(), Clock), NullLogger.Instance);
        _loop = Entry.RunAsync(_stop.Token);
    }

    public TestClock Clock { get; } = new();

    public ScriptedSource Source { get; }

    public TokenEntry Entry { get; }

    public Task<TokenReading> ReadAsync() => Entry.ReadAsync(CancellationToken.None).AsTask();

    /// <summary>The value of a read that must not have to wait.</summary>
    public string? ReadNow()
    {
        var read = ReadAsync();
        Assert.True(read.IsCompletedSuccessfully, "The read had to wait.");
        return read.GetAwaiter().GetResult().Token?.HeaderValue;
    }

    public Task UntilAsync(TokenState state) => UntilAsync(() => Entry.Snapshot().State == state, state.ToString());

    /// <summary>The loop runs on the thread pool: a condition becomes true soon, or the test fails.</summary>
    public static Task UntilAsync(Func<bool> condition, string what) => Wait.UntilAsync(condition, TimeSpan.FromSeconds(20), what);

    /// <summary>Waits until the loop sleeps, then moves on to the next attempt that is due, and returns how long that took.</summary>
    public async Task<TimeSpan> AdvanceToNextAttemptAsync()
    {
        var (from, attempts) = (Clock.TrueTime, Source.Count);
        while (Source.Count == attempts)
        {
            await UntilAsync(() => Source.Count > attempts || LoopSleeps(), "the loop sleeps");
            if (Source.Count > attempts)
                break;
            Clock.Advance(Clock.NextTimer ?? TimeSpan.Zero);
        }

        return Clock.TrueTime - from;
    }

    /// <summary>A waiting read has a timer as well: the loop's is the one that fires no later than the next attempt is due.</summary>
    private bool LoopSleeps() =>
        Clock.NextTimer <= Entry.Snapshot().NextAttemptIn + TimeSpan.FromMilliseconds(1);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        await _services.DisposeAsync();
        _stop.Dispose();
    }
}
