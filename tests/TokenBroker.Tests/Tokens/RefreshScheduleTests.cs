using CsCheck;
using TokenBroker.Tokens.Answers;
using TokenBroker.Tokens.Schedule;
using Xunit;

namespace TokenBroker.Tests.Tokens;

public class RefreshScheduleTests
{
    private static TimeSpan S(double seconds) => TimeSpan.FromSeconds(seconds);

    private static double Wait(
        TokenFailureReason reason, int failures, double? lifetime, double remaining, double? retryAfter = null, double draw = 0.5) =>
        Wait(new TokenFailure(reason, null, retryAfter is null ? null : S(retryAfter.Value)), failures, lifetime, remaining, draw);

    private static double Wait(
        TokenFailure failure, int failures, double? lifetime, double remaining, double draw = 0.5, object? startup = null) =>
        RefreshSchedule.AfterFailure(failure, failures, lifetime is null ? null : S(lifetime.Value), S(remaining), draw, (Startup?)startup ?? Startup.Over).TotalSeconds;

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
    public void What_only_a_change_of_setup_can_fix_is_rechecked_slowly(object reason) =>
        Assert.Equal(60, Wait((TokenFailureReason)reason, 1, null, 0));

    [Theory]
    [InlineData(TokenFailureReason.IdentityNotAssigned, 60)]
    [InlineData(TokenFailureReason.Refused, 60)]
    [InlineData(TokenFailureReason.NotSignedIn, 60)]
    [InlineData(TokenFailureReason.NoIdentityOnHost, 45)]
    [InlineData(TokenFailureReason.Unreachable, 45)]
    [InlineData(TokenFailureReason.Updating, 45)]
    public void What_a_hosts_start_explains_is_retried_quickly_twenty_times(object reason, double afterwards)
    {
        var failure = new TokenFailure((TokenFailureReason)reason);
        Assert.True(failure.MayBeStartup);
        foreach (var failures in new[] { 1, 2, 20 })
        {
            Assert.Equal(1, Wait(failure, failures, null, 0, draw: 0, Startup.NotReady));
            Assert.Equal(2, Wait(failure, failures, null, 0, draw: 1, Startup.NotReady));
        }

        Assert.Equal(afterwards, Wait(failure, 21, null, 0, startup: Startup.NotReady));
    }

    [Theory]
    [InlineData(TokenFailureReason.Throttled)]
    [InlineData(TokenFailureReason.EndpointFailing)]
    [InlineData(TokenFailureReason.TimedOut)]
    [InlineData(TokenFailureReason.InvalidAnswer)]
    public void An_endpoint_that_is_up_is_not_asked_quickly(object reason) => Assert.False(new TokenFailure((TokenFailureReason)reason).MayBeStartup);

    [Fact]
    public void An_update_that_is_announced_or_a_wait_that_is_asked_for_is_no_start()
    {
        Assert.False(new TokenFailure(TokenFailureReason.Updating) { IsBackSoon = true }.MayBeStartup);
        Assert.False(new TokenFailure(TokenFailureReason.IdentityNotAssigned, null, S(20)).MayBeStartup);
    }

    [Fact]
    public void An_unassigned_identity_is_asked_for_with_the_usual_backoff_if_the_endpoint_failed_otherwise_before()
    {
        var failure = new TokenFailure(TokenFailureReason.IdentityNotAssigned);
        Assert.Equal([1, 2, 4, 8], new[] { 1, 2, 3, 4 }.Select(failures => Wait(failure, failures, null, 0, startup: Startup.Failing)), Tolerance);
        Assert.Equal(60, Wait(failure, 21, null, 0, startup: Startup.Failing));
    }

    [Theory]
    [InlineData(5, null, 0, 15)]
    [InlineData(5, null, 1, 30)]
    [InlineData(5, null, 9, 30)]
    [InlineData(0.1, null, 0, 0.3)]
    [InlineData(0.1, null, 7, 30)]
    [InlineData(120, null, 0, 120)]
    [InlineData(5, 3600.0, 0, 5)]
    [InlineData(5, 3600.0, 1, 10)]
    [InlineData(5, 3600.0, 2, 20)]
    [InlineData(5, 3600.0, 3, 30)]
    [InlineData(5, 3600.0, int.MaxValue, 30)]
    [InlineData(5, 14.0, 3, 7)]
    [InlineData(5, 0.5, 3, 1)]
    public void An_attempt_may_take_longer_without_a_token_and_after_each_timeout(double configured, double? remaining, int timeouts, double limit) =>
        Assert.Equal(limit, RefreshSchedule.MaxAttemptAfter(S(configured), remaining is { } left ? S(left) : null, timeouts).TotalSeconds, 6);

    [Fact]
    public void Requests_that_wait_shorten_every_wait_to_ten_seconds_but_those_that_the_endpoint_asked_for()
    {
        foreach (var reason in Enum.GetValues<TokenFailureReason>())
        {
            var (soonest, latest) = (RefreshSchedule.WaitOfRequests(new(reason), 0), RefreshSchedule.WaitOfRequests(new(reason), 1));
            Assert.Equal(reason == TokenFailureReason.Throttled ? (null, null) : (S(5), S(10)), (soonest, latest));
            Assert.Null(RefreshSchedule.WaitOfRequests(new(reason, null, S(20)), 0));
        }
    }

    private static bool Tolerance(double expected, double actual) => Math.Abs(expected - actual) < 0.001;

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
