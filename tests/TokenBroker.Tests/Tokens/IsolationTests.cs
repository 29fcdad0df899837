using System.Diagnostics;
using TokenBroker.Configuration;
using TokenBroker.Imds;
using TokenBroker.Imds.Faults;
using TokenBroker.Imds.Identities;
using TokenBroker.Imds.Record;
using TokenBroker.Tests.Functional;
using TokenBroker.TestSupport;
using TokenBroker.Tokens;
using Xunit;

namespace TokenBroker.Tests.Tokens;

/// <summary>Eight identities of which seven hang.</summary>
public class IsolationTests
{
    private static readonly IReadOnlyList<EmulatedIdentity> Identities =
        [.. Enumerable.Range(1, 8).Select(number => EmulatedIdentity.User($"id{number}"))];

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(250);

    private static readonly EmulatedIdentity Healthy = Identities[^1];

    [Fact]
    public async Task An_identity_is_ready_beside_seven_that_hang_as_soon_as_alone()
    {
        var alone = await TimeToReadyAsync([Healthy]);
        var beside = await TimeToReadyAsync(Identities);

        TestContext.Current.TestOutputHelper?.WriteLine($"alone {alone.TotalSeconds:0.00} s, beside seven that hang {beside.TotalSeconds:0.00} s");
        Assert.True(beside < alone + TimeSpan.FromSeconds(2), $"alone {alone}, beside seven that hang {beside}");
    }

    [Fact]
    public async Task An_identity_refreshes_on_time_for_ten_minutes_beside_seven_that_hang()
    {
        var clock = new TestClock();
        await using var emulator = await ImdsEmulator.StartAsync(new()
        {
            Identities = Identities,
            TokenLifetime = TimeSpan.FromMinutes(2),
            ReuseUntilShareLeft = null,
            RateLimit = null,
            TimeProvider = clock,
        }, TestContext.Current.CancellationToken);
        Hang(emulator, Identities);
        await using var fleet = await RunningEntries.StartAsync(emulator, Identities, clock);
        var entry = fleet.Of(Healthy);
        await EntryFixture.UntilAsync(() => entry.Snapshot().State == TokenState.Fresh, "the first token comes");

        for (var end = clock.TrueTime.AddMinutes(10); clock.TrueTime < end; clock.Advance(Step))
        {
            Assert.True(entry.ReadAsync(CancellationToken.None).AsTask().IsCompletedSuccessfully, "A read had to wait.");
            await EntryFixture.UntilAsync(
                () => clock.RunningTimers == Identities.Count && RunningEntries.Rests(entry) && HeldOrResting(fleet, emulator),
                "the eighth rests and the others are held or rest");
        }

        var record = emulator.Requests.ToLookup(request => request.Identity);
        var healthy = record[Healthy.Name].ToList();
        Assert.InRange(healthy.Count, 9, 13);
        foreach (var (one, next) in healthy.Zip(healthy.Skip(1)))
        {
            // The life that the sidecar is told is in whole seconds.
            var life = TimeSpan.FromSeconds(Math.Floor((one.TokenExpiresAt!.Value - one.ReceivedAt).TotalSeconds));
            Assert.InRange(next.ReceivedAt - one.ReceivedAt, life * 0.45, life * 0.55 + Step);
        }

        // They really hung all the time: no answer, and a new attempt at least every minute.
        Assert.All(Identities.SkipLast(1), identity => Assert.InRange(record[identity.Name].Count(request => request.Status is null), 10, 40));
    }

    /// <summary>Every other entry rests, or its request has arrived and is held.</summary>
    private static bool HeldOrResting(RunningEntries fleet, ImdsEmulator emulator) =>
        fleet.All.Count(entry => !RunningEntries.Rests(entry))
        == emulator.Requests.Count(request => request is { Fault: FaultKind.Hang, Outcome: RequestOutcome.Pending });

    private static void Hang(ImdsEmulator emulator, IEnumerable<EmulatedIdentity> identities)
    {
        foreach (var identity in identities.Where(identity => identity != Healthy))
            emulator.Inject(Fault.Of(FaultKind.Hang) with { Identity = identity.Name });
    }

    /// <summary>From the sidecar's start to the answer to a request with the healthy identity.</summary>
    private static async Task<TimeSpan> TimeToReadyAsync(IReadOnlyList<EmulatedIdentity> identities)
    {
        await using var metadata = await ImdsEmulator.StartAsync(new() { Identities = Identities, RateLimit = null });
        Hang(metadata, identities);
        var watch = new Stopwatch();
        await using var broker = await RunningBroker.StartAsync(
            options => options with
            {
                Accounts = [.. identities.Select(identity => options.Accounts[0] with { Name = identity.Name, Identity = RunningEntries.Select(identity) })],
                Tokens = new() { MetadataEndpoint = metadata.BaseAddress },
            },
            prepare: (_, _) => watch.Start());

        var response = await broker.GetAsync($"/{Healthy.Name}/c/pattern-1");
        var ready = watch.Elapsed;

        Assert.Equal(200, response.Status);
        await metadata.WaitForAsync(requests => requests.Count(request => request.Fault == FaultKind.Hang) >= identities.Count - 1)
            .WaitAsync(TimeSpan.FromSeconds(20));
        return ready;
    }
}
