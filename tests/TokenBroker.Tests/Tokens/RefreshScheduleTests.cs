using TokenBroker.Tokens;
using Xunit;

namespace TokenBroker.Tests.Tokens;

public class RefreshScheduleTests
{
    private static TimeSpan S(double seconds) => TimeSpan.FromSeconds(seconds);

    private static double Wait(TokenFailureReason reason, int failures, double? lifetime, double remaining, double? retryAfter = null) =>
        RefreshSchedule.AfterFailure(new(reason, null, retryAfter is null ? null : S(retryAfter.Value)), failures,
            lifetime is null ? null : S(lifetime.Value), S(remaining), 0.5).TotalSeconds;

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
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(4, 8)]
    [InlineData(7, 60)]
    [InlineData(1000, 60)]
    public void Without_a_token_the_backoff_doubles_to_a_minute(int failures, double seconds) =>
        Assert.Equal(seconds, Wait(TokenFailureReason.EndpointFailing, failures, null, 0));

    [Fact]
    public void With_a_token_no_wait_is_longer_than_half_of_what_is_left_or_shorter_than_the_floor()
    {
        Assert.Equal(4, Wait(TokenFailureReason.TimedOut, 10, 20, 8));
        Assert.Equal(1, Wait(TokenFailureReason.TimedOut, 10, 20, 0.5));
        Assert.Equal(60, Wait(TokenFailureReason.TimedOut, 1, 86400, 40000));
    }

    [Fact]
    public void Retry_After_wins_within_the_tokens_life()
    {
        Assert.Equal(30, Wait(TokenFailureReason.Throttled, 1, null, 0, 30));
        Assert.Equal(500, Wait(TokenFailureReason.Throttled, 1, 3600, 600, 500));
        Assert.Equal(100, Wait(TokenFailureReason.Throttled, 1, 3600, 100, 500));
        Assert.Equal(60, Wait(TokenFailureReason.Throttled, 1, 3600, 600, 0));
        Assert.Equal(3600, Wait(TokenFailureReason.Throttled, 1, null, 0, 1e6));
    }

    [Fact]
    public void An_update_is_waited_for_up_to_seventy_seconds()
    {
        Assert.InRange(Wait(TokenFailureReason.Updating, 1, null, 0), 1, 10);
        Assert.Equal(70, Wait(TokenFailureReason.Updating, 20, null, 0));
        Assert.Equal(50, Wait(TokenFailureReason.Updating, 20, 3600, 50));
    }

    [Theory]
    [InlineData(TokenFailureReason.IdentityNotAssigned)]
    [InlineData(TokenFailureReason.Refused)]
    [InlineData(TokenFailureReason.NotSignedIn)]
    public void What_only_a_change_of_setup_can_mend_is_rechecked_slowly(object reason) =>
        Assert.Equal(60, Wait((TokenFailureReason)reason, 1, null, 0));
}
