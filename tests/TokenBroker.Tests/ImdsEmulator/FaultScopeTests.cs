using TokenBroker.Imds.Faults;
using Xunit;

namespace TokenBroker.Tests.Emulator;

/// <summary>Whom a fault meets, how often and how long.</summary>
public sealed class FaultScopeTests : FaultTestBase
{
    [Fact]
    public async Task A_fault_of_one_identity_leaves_the_others_alone()
    {
        foreach (var name in new[] { Backup.Name, Backup.ClientId.ToString(), Backup.ObjectId.ToString(), Backup.ResourceId })
        {
            using var fault = Emulator.Inject(Fault.Answer(500) with { Identity = name });

            Assert.Equal(200, (await Client.TokenAsync()).Status);
            Assert.Equal(500, (await Client.TokenAsync($"&client_id={Backup.ClientId}")).Status);
        }
    }

    [Fact]
    public async Task A_fault_with_a_count_meets_that_many_requests_even_at_once()
    {
        var fault = Emulator.Inject(Fault.Answer(500) with { Count = 7 });

        var statuses = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ => (await Client.TokenAsync()).Status));

        Assert.Equal((7, 13), (statuses.Count(s => s == 500), statuses.Count(s => s == 200)));
        Assert.Equal((7, false), (fault.Met, fault.IsActive));
    }

    [Fact]
    public async Task A_fault_with_a_duration_ends_by_theClock_and_releases_what_it_holds()
    {
        Emulator.Inject(Fault.Of(FaultKind.Hang) with { Duration = TimeSpan.FromSeconds(30) });

        var request = Client.TokenAsync();
        await HeldAsync(1);
        Clock.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(200, (await request).Status);
        Assert.Equal(200, (await Client.TokenAsync()).Status);
        Assert.Empty(Emulator.Faults);
    }

    [Fact]
    public async Task Faults_are_met_in_the_order_of_injection()
    {
        Emulator.Inject(Fault.Answer(429) with { Count = 2 });
        Emulator.Inject(Fault.Answer(500) with { Count = 1 });

        int[] statuses = [await StatusAsync(), await StatusAsync(), await StatusAsync(), await StatusAsync()];

        Assert.Equal([429, 429, 500, 200], statuses);
        Assert.Equal([1, 1, 2, null], Emulator.Requests.Select(r => r.FaultId));
    }

    [Fact]
    public async Task A_request_that_would_be_refused_anyway_uses_no_fault_up()
    {
        var fault = Emulator.Inject(Fault.Answer(500) with { Count = 1 });

        var refused = await Client.SendAsync(HttpMethod.Get, "/metadata/identity/oauth2/token", []);

        Assert.Equal((400, 0), (refused.Status, fault.Met));
        Assert.Equal(500, await StatusAsync());
    }

    public static TheoryData<Fault> Nonsense =>
    [
        Fault.Of(FaultKind.Hang) with { Identity = "nobody" }, Fault.Answer(200), Fault.Of(FaultKind.Status), Fault.Of(FaultKind.Delay), Fault.Of(FaultKind.ClockSkew),
        Fault.Of(FaultKind.Reset) with { Count = 0 }, Fault.Of(FaultKind.Reset) with { Duration = TimeSpan.Zero },
        Fault.Of(FaultKind.Reset) with { Status = 500 }, Fault.Of(FaultKind.Hang) with { RetryAfter = TimeSpan.FromSeconds(1) },
        Fault.Answer(429, asDate: true), Fault.Delayed(TimeSpan.FromSeconds(-1)), Fault.Of(FaultKind.Hang) with { Skew = TimeSpan.FromSeconds(1) },
        Fault.ExpiryAs("NaN", null), Fault.Of(FaultKind.Hang) with { ExpiresIn = "1" },
    ];

    [Theory]
    [MemberData(nameof(Nonsense))]
    public void A_fault_that_makes_no_sense_is_refused(Fault fault) => Assert.Throws<ArgumentException>(() => Emulator.Inject(fault));
}
