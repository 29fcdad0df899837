using TokenBroker.Tokens;
using Xunit;

namespace TokenBroker.Tests.Tokens;

/// <summary>The arrows in the drawing of <see cref="TokenEntry"/>, one test for each.</summary>
public class TransitionTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public void Before_the_start_there_is_no_token_and_the_start_asks_for_one()
    {
        using var fixture = new PumpedEntry();
        Assert.Equal(TokenState.None, fixture.State);
        fixture.Start();
        Assert.Equal(TokenState.Acquiring, fixture.State);
    }

    [Fact]
    public void A_failed_first_attempt_leaves_no_token_and_the_next_one_comes_by_itself()
    {
        using var fixture = new PumpedEntry();
        fixture.Start();
        fixture.Fail();
        Assert.Equal(TokenState.None, fixture.State);
        Assert.InRange(fixture.AdvanceToNextAttempt().TotalSeconds, 1, 1.3);
        Assert.Equal(TokenState.Acquiring, fixture.State);
    }

    [Fact]
    public void The_first_token_is_fresh()
    {
        using var fixture = PumpedEntry.Fresh(Hour);
        Assert.Equal(TokenState.Fresh, fixture.State);
        Assert.Equal("Bearer one", fixture.Served());
    }

    [Fact]
    public void A_fresh_token_is_refreshed_around_half_of_its_life()
    {
        using var fixture = PumpedEntry.Fresh(Hour);
        Assert.InRange(fixture.AdvanceToNextAttempt() / Hour, 0.45, 0.55);
        Assert.Equal(TokenState.Refreshing, fixture.State);
        Assert.Equal("Bearer one", fixture.Served());
    }

    [Fact]
    public void A_refresh_that_brings_another_token_leaves_it_fresh()
    {
        using var fixture = Refreshing();
        fixture.Answer("two", Hour);
        Assert.Equal(TokenState.Fresh, fixture.State);
        Assert.Equal("Bearer two", fixture.Served());
        Assert.InRange(fixture.AdvanceToNextAttempt() / Hour, 0.45, 0.55);
    }

    [Fact]
    public void A_refresh_that_brings_the_same_token_leaves_it_fresh_and_the_next_is_made_at_half_of_what_is_left()
    {
        using var fixture = Refreshing();
        var left = fixture.Entry.Snapshot().TimeToExpiry!.Value;
        fixture.Answer("one", left);
        Assert.Equal(TokenState.Fresh, fixture.State);
        Assert.Equal(left.TotalSeconds / 2, fixture.AdvanceToNextAttempt().TotalSeconds, 2);
    }

    [Fact]
    public void A_refresh_that_fails_leaves_a_stale_token_that_serves_and_is_asked_for_again()
    {
        using var fixture = Stale();
        Assert.Equal(TokenState.Stale, fixture.State);
        Assert.Equal("Bearer one", fixture.Served());
        Assert.Equal(60, fixture.AdvanceToNextAttempt().TotalSeconds, 2);
        Assert.Equal(TokenState.Refreshing, fixture.State);
    }

    [Fact]
    public void A_refresh_that_succeeds_after_a_failure_leaves_a_fresh_token_and_no_trace_of_the_failure()
    {
        using var fixture = Stale();
        fixture.AdvanceToNextAttempt();
        fixture.Answer("two", Hour);
        Assert.Equal(TokenState.Fresh, fixture.State);
        Assert.Null(fixture.Entry.Snapshot().Failure);
        Assert.Null(fixture.Entry.Snapshot().FailingSince);
    }

    [Theory]
    [InlineData(Clocks.Suspend)]
    [InlineData(Clocks.WallForward)]
    public void A_fresh_or_stale_token_expires_and_is_not_served(Clocks how)
    {
        foreach (var fixture in new[] { PumpedEntry.Fresh(Hour), Stale() })
        {
            using (fixture)
            {
                Disturb(fixture, how, Hour);
                Assert.Equal(TokenState.Expired, fixture.State);
                Assert.Null(fixture.Served());
            }
        }
    }

    [Fact]
    public void A_token_of_less_than_a_second_expires_by_the_monotonic_clock_alone()
    {
        using var fixture = PumpedEntry.Fresh(TimeSpan.FromSeconds(0.5));
        fixture.JumpWall(-Hour);
        fixture.Advance(TimeSpan.FromSeconds(0.5));
        Assert.Equal(TokenState.Expired, fixture.State);
    }

    [Theory]
    [InlineData(Clocks.Run)]
    [InlineData(Clocks.Suspend)]
    [InlineData(Clocks.WallForward)]
    public void A_token_that_expires_during_its_refresh_is_not_served_and_the_attempt_goes_on(Clocks how)
    {
        using var fixture = Refreshing();
        Disturb(fixture, how, Hour);
        Assert.Equal(TokenState.Acquiring, fixture.State);
        Assert.Null(fixture.Served());
        Assert.Equal(2, fixture.Attempts);
        fixture.Answer("two", Hour);
        Assert.Equal(TokenState.Fresh, fixture.State);
    }

    [Fact]
    public void A_failure_after_the_expiry_leaves_an_expired_token_which_is_asked_for_when_that_is_due()
    {
        using var fixture = Refreshing();
        fixture.Advance(Hour);
        fixture.Fail();
        Assert.Equal(TokenState.Expired, fixture.State);
        Assert.InRange(fixture.AdvanceToNextAttempt().TotalSeconds, 1, 1.3);
        Assert.Equal(TokenState.Acquiring, fixture.State);
    }

    [Fact]
    public void A_request_that_meets_an_expired_token_asks_at_once()
    {
        using var fixture = PumpedEntry.Fresh(Hour);
        fixture.Advance(Minute);
        fixture.Suspend(Hour);
        var read = fixture.Read();
        Assert.Equal(TokenState.Acquiring, fixture.State);
        fixture.Answer("two", Hour);
        Assert.Equal("Bearer two", read.Now().Token!.HeaderValue);
    }

    [Fact]
    public void A_wall_clock_that_is_set_right_gives_each_token_back_that_it_took()
    {
        using var fresh = PumpedEntry.Fresh(Hour);
        using var stale = Stale();
        using var refreshing = Refreshing();
        var fixtures = new[] { fresh, stale, refreshing };
        foreach (var fixture in fixtures)
            fixture.JumpWall(2 * Hour);
        Assert.Equal([TokenState.Expired, TokenState.Expired, TokenState.Acquiring], fixtures.Select(f => f.State));
        foreach (var fixture in fixtures)
            fixture.JumpWall(-2 * Hour);
        Assert.Equal([TokenState.Fresh, TokenState.Stale, TokenState.Refreshing], fixtures.Select(f => f.State));
        Assert.All(fixtures, fixture => Assert.Equal("Bearer one", fixture.Served()));
    }

    [Fact]
    public void A_stop_abandons_the_attempt_and_leaves_the_state_that_it_began_in()
    {
        using var none = new PumpedEntry();
        none.Start();
        using var fresh = Refreshing();
        using var stale = Stale();
        stale.AdvanceToNextAttempt();
        using var expired = Refreshing();
        expired.Advance(Hour);
        var fixtures = new[] { none, fresh, stale, expired };
        foreach (var fixture in fixtures)
            fixture.Stop();
        Assert.Equal([TokenState.None, TokenState.Fresh, TokenState.Stale, TokenState.Expired], fixtures.Select(f => f.State));
        Assert.All(fixtures, fixture => Assert.True(fixture.Loop!.IsCompletedSuccessfully));
    }

    public enum Clocks
    {
        Run,
        Suspend,
        WallForward,
    }

    private static void Disturb(PumpedEntry fixture, Clocks how, TimeSpan by)
    {
        if (how == Clocks.Run)
            fixture.Advance(by);
        else if (how == Clocks.Suspend)
            fixture.Suspend(by);
        else
            fixture.JumpWall(by);
    }

    private static PumpedEntry Refreshing()
    {
        var fixture = PumpedEntry.Fresh(Hour);
        fixture.AdvanceToNextAttempt();
        return fixture;
    }

    private static PumpedEntry Stale()
    {
        var fixture = Refreshing();
        fixture.Fail();
        return fixture;
    }
}
