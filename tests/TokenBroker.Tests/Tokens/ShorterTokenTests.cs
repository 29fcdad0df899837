using TokenBroker.Tokens;
using TokenBroker.Tokens.Answers;
using Xunit;

namespace TokenBroker.Tests.Tokens;

/// <summary>The endpoint gives another token than before, and it expires sooner than the one that is held.</summary>
public class ShorterTokenTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public void Once_it_has_expired_the_longer_one_serves_again()
    {
        using var fixture = Shortened();
        Assert.Equal("Bearer short", fixture.Served());
        fixture.AdvanceToNextAttempt();
        fixture.Fail(retryAfter: 24 * Hour);
        fixture.Advance(2 * Minute);
        Assert.Equal("Bearer one", fixture.Served());
        Assert.InRange(fixture.Entry.Snapshot().TimeToExpiry!.Value / Hour, 10, 14);
    }

    [Fact]
    public void A_request_whose_shorter_token_storage_rejects_is_sent_again_with_the_longer_one()
    {
        using var fixture = Shortened();
        var rejected = fixture.Read().Now().Token!;
        Assert.Equal("Bearer one", fixture.Replace(rejected).Now()!.HeaderValue);
    }

    [Fact]
    public void A_rejection_of_the_shorter_one_asks_for_a_new_one_all_the_same_and_does_not_wait_for_it()
    {
        using var fixture = Shortened();
        var rejected = fixture.Read().Now().Token!;
        var attempts = fixture.Attempts;
        fixture.Advance(TimeSpan.FromSeconds(4)); // beyond the floor of a token that lives for a minute
        Assert.Equal(attempts, fixture.Attempts);

        Assert.Equal("Bearer one", fixture.Replace(rejected).Now()!.HeaderValue);
        Assert.Equal(attempts + 1, fixture.Attempts);

        // Another has come meanwhile: that is what a late rejection of the old one gets, and nothing is asked.
        fixture.Answer("three", 24 * Hour);
        fixture.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal("Bearer three", fixture.Replace(rejected).Now()!.HeaderValue);
        Assert.Equal(attempts + 1, fixture.Attempts);
    }

    [Fact]
    public void A_rejection_of_the_longer_one_waits_for_what_the_attempt_under_way_brings()
    {
        using var fixture = Shortened();
        fixture.AdvanceToNextAttempt();
        fixture.Advance(Minute);
        var longer = fixture.Read().Now().Token!;
        Assert.Equal("Bearer one", longer.HeaderValue);

        var replaced = fixture.Replace(longer);
        Assert.False(replaced.IsCompleted);
        fixture.Answer("three", 24 * Hour);
        Assert.Equal("Bearer three", replaced.Now()!.HeaderValue);
    }

    [Fact]
    public void Of_two_longer_ones_whichever_the_clocks_leave_usable_serves()
    {
        var clock = new TestClock();
        var state = new EntryState("system", "test", clock, new Random(1), Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        Take("by the wall", 10 * Hour, 2 * Hour);
        Take("by the monotonic", 3 * Hour, 8 * Hour);
        Take("short", Minute, Minute);
        clock.Advance(90 * Minute);
        Assert.Equal("Bearer by the wall", WithWall(4 * Hour));
        clock.Advance(90 * Minute);
        Assert.Null(WithWall(TimeSpan.Zero));
        Assert.Equal("Bearer by the monotonic", WithWall(-Hour));

        void Take(string value, TimeSpan byWall, TimeSpan byMonotonic) =>
            state.Accept(TokenAnswer.Of(new BearerToken(value, clock.GetUtcNow() + byWall, byMonotonic, clock)));

        string? WithWall(TimeSpan error)
        {
            clock.JumpWall(error);
            var served = state.Usable?.HeaderValue;
            clock.JumpWall(-error);
            return served;
        }
    }

    [Fact]
    public void A_token_that_outlives_both_takes_the_place_of_both()
    {
        using var fixture = Shortened();
        fixture.AdvanceToNextAttempt();
        fixture.Answer("three", 24 * Hour);
        Assert.Null(fixture.Replace(fixture.Read().Now().Token!).Now());
    }

    [Fact]
    public void The_longer_one_is_not_sent_beyond_its_expiry()
    {
        using var fixture = Shortened();
        fixture.Advance(24 * Hour);
        Assert.Null(fixture.Served());
    }

    private static PumpedEntry Shortened()
    {
        var fixture = PumpedEntry.Fresh(24 * Hour);
        fixture.AdvanceToNextAttempt();
        fixture.Answer("short", Minute);
        return fixture;
    }
}
