using System.Diagnostics;
using TokenBroker.Imds;
using TokenBroker.Imds.Faults;
using TokenBroker.Imds.Identities;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Processes;
using TokenBroker.TestSupport.Requirements;
using TokenBroker.Tokens;
using Xunit;

namespace TokenBroker.Tests.Tokens;

/// <summary>Hundreds of entries against one endpoint that lets in 20 requests a second and 5 at once, as the real one does.</summary>
[Collection(nameof(LongTests))]
public class FleetTests
{
    private const int Entries = 300;
    private const int Processes = 20;

    private static readonly IReadOnlyList<EmulatedIdentity> Identities =
        [.. Enumerable.Range(1, Entries).Select(number => EmulatedIdentity.User($"id{number}"))];

    [Fact, Long]
    public async Task A_fleet_that_starts_at_once_is_ready_soon_and_its_refreshes_are_spread_over_the_day()
    {
        var clock = new TestClock();
        await using var emulator = await ImdsEmulator.StartAsync(
            new() { Identities = Identities, TimeProvider = clock }, TestContext.Current.CancellationToken);
        await using var fleet = await RunningEntries.StartAsync(emulator, Identities, clock);
        var (all, start) = (fleet.All, clock.TrueTime);

        while (!all.All(entry => entry.Snapshot().IsUsable))
            await StepAsync(clock, all, TimeSpan.FromMilliseconds(100));
        var ready = clock.TrueTime - start;
        var refused = emulator.Requests.Count(request => request.Status == 429);
        emulator.ClearRequests();
        for (var end = clock.TrueTime.AddDays(1); clock.TrueTime < end;)
            await StepAsync(clock, all, TimeSpan.FromSeconds(30));

        var day = emulator.Requests;
        var fullest = day.GroupBy(request => (int)(request.ReceivedAt - start).TotalMinutes).Max(minute => minute.Count());
        Report($"all ready after {ready.TotalSeconds:0.0} s and {refused} 429s; the day has {day.Count} requests, its fullest minute {fullest}");
        Assert.True(ready < TimeSpan.FromSeconds(4 * Entries / 20), $"all ready after {ready}");
        Assert.True(refused > 0);
        Assert.InRange(day.Count, 1.5 * Entries, 8 * Entries);
        Assert.All(day, request => Assert.Equal(200, request.Status));
        Assert.True(fullest <= 0.06 * Entries, $"one minute holds {fullest} refreshes of {Entries} entries");
    }

    [Fact, Long]
    public async Task Three_hundred_entries_and_twenty_processes_are_ready_within_four_times_the_least_time()
    {
        var limit = TimeSpan.FromSeconds(4 * (Entries + Processes) / 20);
        await using var emulator = await ImdsEmulator.StartAsync(
            new() { Identities = [EmulatedIdentity.System(), .. Identities] }, TestContext.Current.CancellationToken);
        // The real endpoint takes this long for a token that it does not have yet. Without it, a quick machine's answers
        // hardly overlap, and five at once are never reached.
        emulator.Inject(Fault.Delayed(TimeSpan.FromMilliseconds(100)));
        var watch = Stopwatch.StartNew();
        List<ProcessRun> sidecars = [];
        try
        {
            sidecars.AddRange(Enumerable.Range(0, Processes).Select(_ => StartSidecar(emulator)));
            await using var fleet = await RunningEntries.StartAsync(emulator, Identities, TimeProvider.System);
            var inProcess = Wait.UntilAsync(() => fleet.All.All(entry => entry.Snapshot().IsUsable), limit, "all entries have a token")
                .ContinueWith(done => (done.Exception?.InnerException, watch.Elapsed), TaskScheduler.Default);
            await Task.WhenAll(sidecars.Select(sidecar => sidecar.LineAsync("Token for system from imds received", 2 * limit)));
            var processes = watch.Elapsed;
            var (missed, entries) = await inProcess;

            var record = emulator.Requests;
            var (refused, atOnce) = (record.Count(request => request.Status == 429), record.Max(request => request.Concurrency));
            Report($"entries ready after {entries.TotalSeconds:0.0} s, processes after {processes.TotalSeconds:0.0} s; "
                + $"{record.Count} requests, {refused} answered with 429, at most {atOnce} at once");
            Assert.Null(missed);
            Assert.True(processes < limit, $"the processes took {processes}");
            Assert.True(refused > 0 && atOnce > 5, $"{refused} answered with 429, at most {atOnce} at once");
        }
        finally
        {
            foreach (var sidecar in sidecars)
                await sidecar.DisposeAsync();
        }
    }

    private static ProcessRun StartSidecar(ImdsEmulator emulator) => ProcessRun.Start(new("dotnet",
        typeof(TokenCache).Assembly.Location, "--account", "acct=https://127.0.0.1:9/acct", "--exit-with-stdin",
        "--listen", "http://127.0.0.1:0", "--admin", "http://127.0.0.1:0",
        "--metadata-endpoint", emulator.BaseAddress.GetLeftPart(UriPartial.Authority)));

    private static async Task StepAsync(TestClock clock, IReadOnlyList<TokenEntry> entries, TimeSpan by)
    {
        clock.Advance(by);
        await EntryFixture.UntilAsync(() => clock.RunningTimers == entries.Count && entries.All(RunningEntries.Rests), "every entry rests");
    }

    private static void Report(string text) => TestContext.Current.TestOutputHelper?.WriteLine(text);
}
