using CsCheck;
using TokenBroker.Tokens;
using Xunit;

namespace TokenBroker.Tests.Tokens;

public class RefreshScheduleTests
{
    private static TimeSpan S(double seconds) => TimeSpan.FromSeconds(seconds);

    private static double Wait(
        TokenFailureReason reason, int failures, double? lifetime, double remaining, double? retryAfter = null, double draw = 0.5) =>
        Wait(new TokenFailure(reason, null, retryAfter is null ? null : S(retryAfter.Value)), failures, lifetime, remaining, draw);

    private static double Wait(TokenFailure failure, int failures, double? lifetime, double remaining, double draw = 0.5) =>
        RefreshSchedule.AfterFailure(failure, failures, lifetime is null ? null : S(lifetime.Value), S(remaining), draw).TotalSeconds;

    [Theory]
    [InlineData(20, 1)]
    [InlineData(3600, 60)]
    [InlineData(600, 30)]
    [InlineData(86400, 60)]
    public void The_floor_follows_the_life(double lifetime, double floor) =>
        Assert.Equal(floor, RefreshSchedule.Floor(S(lifetime)).TotalSeconds);

    [Theory]
    [InlineData(0, 0.45)]
    [InlineData(1, 0.55)]
    public void A_refresh_is_due_around_half_of_the_life(double draw, double share) =>
        Assert.Equal(share, RefreshSchedule.AfterSuccess(S(1), draw).TotalSeconds, 6);

    [Theory]
    [InlineData(1, 1, 1.5)]
    [InlineData(2, 1, 3)]
    [InlineData(4, 4, 12)]
    [InlineData(7, 30, 60)]
    [InlineData(1000, 30, 60)]
    public void Without_a_token_the_backoff_doubles_to_a_minute_and_is_spread_widely(int failures, double from, double to)
    {
        Assert.Equal(from, Wait(TokenFailureReason.EndpointFailing, failures, null, 0, draw: 0), 6);
        Assert.Equal(to, Wait(TokenFailureReason.EndpointFailing, failures, null, 0, draw: 1), 6);
    }

    [Fact]
    public void With_a_token_no_wait_is_longer_than_half_of_what_is_left_or_shorter_than_the_floor()
    {
        Assert.Equal(4, Wait(TokenFailureReason.TimedOut, 10, 20, 8));
        Assert.Equal(1, Wait(TokenFailureReason.TimedOut, 10, 20, 0.5));
        Assert.Equal(60, Wait(TokenFailureReason.TimedOut, 1, 86400, 40000));
    }

    [Theory]
    [InlineData(1, null, 0, 30, 30, 31)]
    [InlineData(5, null, 0, 30, 30, 46)]
    [InlineData(1, null, 0, 1e6, 3600, 3601)]
    [InlineData(9, null, 0, 30, 30, 90)]
    [InlineData(5, 3600.0, 600, 500, 500, 500)]
    [InlineData(5, 3600.0, 600, 290, 290, 300)]
    [InlineData(5, 3600.0, 100, 500, 100, 100)]
    [InlineData(1, 3600.0, 600, 0, 60, 61)]
    public void Retry_After_wins_within_the_tokens_life_and_those_told_the_same_do_not_come_back_as_one(
        int failures, double? lifetime, double remaining, double retryAfter, double from, double to)
    {
        Assert.Equal(from, Wait(TokenFailureReason.Throttled, failures, lifetime, remaining, retryAfter, draw: 0), 6);
        Assert.Equal(to, Wait(TokenFailureReason.Throttled, failures, lifetime, remaining, retryAfter, draw: 1), 6);
    }

    [Fact]
    public void An_update_that_is_promised_to_end_is_waited_for_up_to_seventy_seconds()
    {
        var gone = new TokenFailure(TokenFailureReason.Updating) { IsBackSoon = true };
        Assert.InRange(Wait(gone, 1, null, 0), 2, 6);
        Assert.Equal(70, Wait(gone, 20, null, 0, draw: 1));
        Assert.Equal(50, Wait(gone, 20, 3600, 50, draw: 1));
    }

    [Fact]
    public void An_update_without_a_promise_is_asked_for_before_half_of_what_is_left_is_gone() =>
        Assert.Equal(25, Wait(TokenFailureReason.Updating, 20, 100, 50, draw: 1));

    [Theory]
    [InlineData(TokenFailureReason.IdentityNotAssigned)]
    [InlineData(TokenFailureReason.Refused)]
    [InlineData(TokenFailureReason.NotSignedIn)]
    public void What_only_a_change_of_setup_can_mend_is_rechecked_slowly(object reason) =>
        Assert.Equal(60, Wait((TokenFailureReason)reason, 1, null, 0));

    [Fact]
    public void No_wait_outlives_the_token_that_serves()
    {
        Assert.Equal(10, Wait(TokenFailureReason.EndpointFailing, 1, 86400, 10));
        Assert.Equal(10, Wait(TokenFailureReason.Refused, 1, 86400, 10));
        Assert.Equal(1, Wait(TokenFailureReason.Throttled, 1, 86400, 0.2, 500));
    }

    [Theory]
    [InlineData(43200, 21600)]
    [InlineData(10, 5)]
    [InlineData(1.5, 1)]
    public void The_same_token_is_asked_for_again_at_half_of_what_is_left(double remaining, double wait) =>
        Assert.Equal(wait, RefreshSchedule.AfterUnchanged(S(remaining)).TotalSeconds);

    [Fact]
    public void Every_wait_keeps_to_the_floor_and_to_the_expiry() =>
        Gen.Select(Gen.Enum<TokenFailureReason>(), Gen.Int[1, 100], Gen.Double[0.001, 1e6], Gen.Double[0, 1], Gen.Double[0, 1], Gen.Double[-1e6, 1e7])
            .Sample((reason, failures, life, left, draw, retryAfter) =>
            {
                var remaining = life * left;
                var wait = RefreshSchedule.AfterFailure(new(reason, null, retryAfter >= 0 ? S(retryAfter) : null), failures,
                    S(life), S(remaining), draw).TotalSeconds;
                var floor = Math.Min(Math.Clamp(life / 20, 1, 60), Math.Max(1, remaining));
                return wait >= floor - 0.001 && wait <= Math.Max(1, remaining) + 0.001;
            });
}
