using TokenBroker.Tokens;
using TokenBroker.Tokens.Answers;
using Xunit;

namespace TokenBroker.Tests.Tokens;

/// <summary>Either clock may lie: what jumps and suspends may and may not do.</summary>
public class ClockTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public void A_wall_clock_that_jumps_about_brings_no_attempt_before_the_floor()
    {
        using var fixture = PumpedEntry.Fresh(Hour);
        for (var second = 2; second <= 60; second += 2)
        {
            // Ahead at the end of every other second: also at the thirtieth, when the loop looks at the clocks.
            Assert.Equal(1, fixture.Attempts);
            fixture.Advance(TimeSpan.FromSeconds(1));
            fixture.JumpWall(Hour / 1.5);
            fixture.Advance(TimeSpan.FromSeconds(1));
            fixture.JumpWall(-Hour / 1.5);
        }

        Assert.Equal(2, fixture.Attempts);
    }

    [Fact]
    public void A_request_that_found_the_clock_ahead_asks_for_nothing_once_it_is_set_right()
    {
        using var fixture = PumpedEntry.Fresh(Hour);
        fixture.JumpWall(2 * Hour);
        fixture.Read(); // would ask, but for the second since the last attempt
        fixture.JumpWall(-2 * Hour);
        fixture.Advance(Minute / 2);
        Assert.Equal(1, fixture.Attempts);
    }

    [Fact]
    public void A_request_that_found_the_clock_ahead_gets_the_token_within_a_second_of_its_being_set_right()
    {
        using var fixture = PumpedEntry.Fresh(Hour);
        fixture.JumpWall(2 * Hour);
        var read = fixture.Read();
        var replaced = fixture.Replace(new("one", fixture.Clock.GetUtcNow(), Hour, fixture.Clock));
        fixture.JumpWall(-2 * Hour);
        fixture.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("Bearer one", read.Now().Token!.HeaderValue);
        Assert.Null(replaced.Now());
        Assert.Equal(1, fixture.Attempts);
    }

    [Fact]
    public void An_operator_who_asked_while_the_clock_was_ahead_is_answered_also_when_no_request_needs_it_any_more()
    {
        using var fixture = PumpedEntry.Fresh(Hour);
        fixture.JumpWall(2 * Hour);
        fixture.Read();
        var refresh = fixture.Refresh();
        fixture.JumpWall(-2 * Hour);
        fixture.Advance(TimeSpan.FromSeconds(1));
        fixture.Answer("two", Hour);
        Assert.Equal(TokenOutcome.Refreshed, refresh.Now().Outcome);
    }

    [Fact]
    public void After_a_suspend_a_refresh_that_came_due_is_made_within_half_a_minute()
    {
        using var fixture = PumpedEntry.Fresh(Hour);
        fixture.Advance(Minute);
        fixture.Suspend(50 * Minute);
        Assert.Equal("Bearer one", fixture.Served());
        fixture.Advance(Minute / 2);
        Assert.Equal(2, fixture.Attempts);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(-2)]
    public void A_jump_during_a_backoff_neither_stops_it_nor_lengthens_it(int hours)
    {
        using var fixture = new PumpedEntry();
        fixture.Start();
        fixture.Fail();
        fixture.JumpWall(hours * Hour);
        Assert.InRange(fixture.AdvanceToNextAttempt().TotalSeconds, 1, 1.3);
        Assert.Equal(TokenState.Acquiring, fixture.State);
    }

    [Fact]
    public void A_suspend_during_a_backoff_ends_it()
    {
        using var fixture = new PumpedEntry();
        fixture.Start();
        fixture.Fail(TokenFailureReason.Throttled, Hour / 2);
        fixture.Advance(2 * Minute);
        fixture.Suspend(Hour);
        fixture.Advance(Minute / 2);
        Assert.Equal(2, fixture.Attempts);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(-2)]
    public void A_jump_before_the_start_or_during_the_first_attempt_changes_nothing(int hours)
    {
        using var fixture = new PumpedEntry();
        fixture.JumpWall(hours * Hour);
        fixture.Start();
        Assert.Equal(TokenState.Acquiring, fixture.State);
        fixture.JumpWall(hours * Hour);
        fixture.Suspend(Hour);
        Assert.Equal(TokenState.Acquiring, fixture.State);
        fixture.Answer("one", Hour);
        Assert.Equal("Bearer one", fixture.Served());
        Assert.InRange(fixture.AdvanceToNextAttempt() / Hour, 0.45, 0.55);
    }

    [Fact]
    public void A_wall_clock_set_back_neither_lengthens_a_tokens_life_nor_delays_its_refresh()
    {
        using var fixture = PumpedEntry.Fresh(Hour);
        fixture.JumpWall(-24 * Hour);
        Assert.InRange(fixture.AdvanceToNextAttempt() / Hour, 0.45, 0.55);
        fixture.Fail(retryAfter: Hour);
        fixture.JumpWall(-24 * Hour);
        fixture.AdvanceToNextAttempt();
        Assert.Equal(TokenState.Acquiring, fixture.State);
        Assert.Equal(Hour, fixture.Clock.TrueTime - new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    }

    [Fact]
    public void A_token_that_was_received_while_the_clock_was_ahead_gets_its_whole_life_when_it_comes_again()
    {
        using var fixture = new PumpedEntry();
        fixture.Start();
        fixture.Do(() => fixture.Clock.JumpWall(Hour / 2));
        fixture.Answer("one", Hour / 2); // lives for an hour, and half of it was in the past by the clock
        fixture.JumpWall(-Hour / 2);
        var waited = fixture.AdvanceToNextAttempt();
        fixture.Answer("one", Hour - waited);
        fixture.AdvanceToNextAttempt();
        fixture.Fail(retryAfter: Hour);
        fixture.Advance(Hour - (fixture.Clock.TrueTime - new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)) - TimeSpan.FromSeconds(1));
        Assert.Equal("Bearer one", fixture.Served());
        fixture.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(fixture.Served());
    }

    [Fact]
    public void A_failure_shortly_before_the_expiry_puts_the_next_attempt_at_the_expiry_and_not_beyond()
    {
        using var fixture = PumpedEntry.Fresh(Hour);
        fixture.AdvanceToNextAttempt();
        fixture.Advance(fixture.Entry.Snapshot().TimeToExpiry!.Value - TimeSpan.FromSeconds(10));
        fixture.Fail();
        Assert.Equal(10, fixture.AdvanceToNextAttempt().TotalSeconds, 2);
    }
}
