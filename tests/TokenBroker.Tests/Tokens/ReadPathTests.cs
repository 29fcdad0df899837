using System.Diagnostics.Metrics;
using System.Reflection;
using TokenBroker.Tokens;
using Xunit;

namespace TokenBroker.Tests.Tokens;

/// <summary>What reading a fresh token costs: nothing, whoever listens and whatever the entry is busy with.</summary>
public class ReadPathTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Reading_a_fresh_token_allocates_nothing_even_if_reads_are_measured(bool measured)
    {
        using var fixture = PumpedEntry.Fresh(TimeSpan.FromHours(1));
        using var listener = new MeterListener();
        var heard = 0L;
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (fixture.Meters.Made(instrument.Meter))
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) => heard += value + tags.Length - 2);
        if (measured)
            listener.Start();
        var usable = ReadMany(fixture.Entry);
        var before = GC.GetAllocatedBytesForCurrentThread();
        usable += ReadMany(fixture.Entry);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(2000, usable);
        Assert.Equal(measured ? 2000 : 0, heard);
    }

    [Fact]
    public async Task Reading_a_fresh_token_takes_no_lock()
    {
        using var fixture = PumpedEntry.Fresh(TimeSpan.FromHours(1));
        var gate = (Lock)typeof(TokenEntry).GetField("_gate", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(fixture.Entry)!;
        using var taken = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        var holder = Task.Factory.StartNew(() =>
        {
            lock (gate)
            {
                taken.Set();
                release.Wait();
            }
        }, TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        taken.Wait(TestContext.Current.CancellationToken);
        try
        {
            Assert.False(gate.TryEnter());
            var reads = Task.Factory.StartNew(() => ReadMany(fixture.Entry), TestContext.Current.CancellationToken,
                TaskCreationOptions.LongRunning, TaskScheduler.Default);
            Assert.Equal(1000, await reads.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
        }
        finally
        {
            release.Set();
            await holder;
        }
    }

    private static int ReadMany(TokenEntry entry)
    {
        var usable = 0;
        for (var i = 0; i < 1000; i++)
        {
            var read = entry.ReadAsync(CancellationToken.None);
            usable += read.IsCompletedSuccessfully && read.GetAwaiter().GetResult().Token is not null ? 1 : 0;
        }

        return usable;
    }
}
