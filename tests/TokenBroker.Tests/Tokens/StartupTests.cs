using TokenBroker.Tokens.Answers;
using Xunit;

namespace TokenBroker.Tests.Tokens;

/// <summary>The first seconds of a host: its identity, its network or its endpoint may not be there yet.</summary>
public class StartupTests
{
    [Theory]
    [InlineData(TokenFailureReason.IdentityNotAssigned, 48, 72)]
    [InlineData(TokenFailureReason.Refused, 48, 72)]
    [InlineData(TokenFailureReason.NotSignedIn, 48, 72)]
    [InlineData(TokenFailureReason.NoIdentityOnHost, 30, 60)]
    [InlineData(TokenFailureReason.Unreachable, 30, 60)]
    [InlineData(TokenFailureReason.Updating, 30, 60)]
    public void What_may_pass_is_asked_for_every_other_second_for_half_a_minute_and_then_slowly(object reason, double from, double to)
    {
        using var fixture = new PumpedEntry();
        fixture.Start();
        var start = fixture.Clock.TrueTime;
        for (var attempt = 1; attempt <= 20; attempt++)
        {
            fixture.Fail((TokenFailureReason)reason);
            Assert.InRange(fixture.AdvanceToNextAttempt().TotalSeconds, 1, 2.001);
        }

        Assert.InRange((fixture.Clock.TrueTime - start).TotalSeconds, 20, 40);
        fixture.Fail((TokenFailureReason)reason);
        Assert.InRange(fixture.AdvanceToNextAttempt().TotalSeconds, from, to + 0.001);
    }

    [Fact]
    public void A_request_waits_for_an_identity_that_is_assigned_some_seconds_after_the_start()
    {
        using var fixture = new PumpedEntry();
        fixture.Start();
        var (read, start) = (fixture.Read(), fixture.Clock.TrueTime);
        while (fixture.Clock.TrueTime - start < TimeSpan.FromSeconds(6))
        {
            fixture.Fail(TokenFailureReason.IdentityNotAssigned);
            fixture.AdvanceToNextAttempt();
        }

        fixture.Answer("one", TimeSpan.FromHours(1));
        Assert.Equal("Bearer one", read.Now().Token!.HeaderValue);
    }

    [Fact]
    public void Throttling_ends_the_quick_retries()
    {
        using var fixture = new PumpedEntry();
        fixture.Start();
        fixture.Fail(TokenFailureReason.IdentityNotAssigned);
        fixture.AdvanceToNextAttempt();
        fixture.Fail(TokenFailureReason.Throttled);
        List<double> waits = [];
        for (var attempt = 0; attempt < 6; attempt++)
        {
            waits.Add(fixture.AdvanceToNextAttempt().TotalSeconds);
            fixture.Fail(TokenFailureReason.IdentityNotAssigned);
        }

        Assert.True(waits[^1] >= 30 && waits.Sum() > 60, string.Join(", ", waits));
    }

    [Fact]
    public void An_identity_that_is_taken_away_is_not_asked_for_quickly()
    {
        using var fixture = PumpedEntry.Fresh(TimeSpan.FromHours(1));
        fixture.Suspend(TimeSpan.FromHours(2));
        fixture.AdvanceToNextAttempt();
        fixture.Fail(TokenFailureReason.IdentityNotAssigned);
        Assert.InRange(fixture.AdvanceToNextAttempt().TotalSeconds, 48, 72);
    }

    [Fact]
    public void A_client_learns_at_once_of_what_only_a_change_of_setup_fixes_and_is_told_to_come_back_soon()
    {
        using var fixture = PumpedEntry.Fresh(TimeSpan.FromHours(1));
        fixture.Suspend(TimeSpan.FromHours(2));
        fixture.AdvanceToNextAttempt();
        fixture.Fail(TokenFailureReason.IdentityNotAssigned);
        var reading = fixture.Read().Now();
        Assert.Equal(TokenFailureReason.IdentityNotAssigned, reading.Failure!.Reason);
        Assert.InRange(reading.RetryAfter.TotalSeconds, 5, 10);
        Assert.Equal(reading.RetryAfter.TotalSeconds, fixture.AdvanceToNextAttempt().TotalSeconds, 2);
    }

    [Fact]
    public void Attempts_grow_with_each_timeout_until_one_is_answered()
    {
        using var fixture = new PumpedEntry();
        fixture.Start();
        foreach (var limit in new[] { 15, 30, 30 })
        {
            Assert.Equal(limit, fixture.Limit.TotalSeconds);
            fixture.Advance(fixture.Limit);
            fixture.Fail(TokenFailureReason.TimedOut);
            fixture.AdvanceToNextAttempt();
        }

        fixture.Fail(TokenFailureReason.EndpointFailing);
        fixture.AdvanceToNextAttempt();
        Assert.Equal(15, fixture.Limit.TotalSeconds);
    }

    [Fact]
    public void A_slow_endpoint_replaces_a_token_that_serves_before_it_expires()
    {
        using var fixture = PumpedEntry.Fresh(TimeSpan.FromHours(1));
        foreach (var limit in new[] { 5, 10, 20 })
        {
            fixture.AdvanceToNextAttempt();
            Assert.Equal(limit, fixture.Limit.TotalSeconds);
            fixture.Fail(TokenFailureReason.TimedOut);
        }

        Assert.Equal("Bearer one", fixture.Served());
    }
}
