using TokenBroker.Tokens.Answers;
using Xunit;

namespace TokenBroker.Tests.Tokens;

/// <summary>An outage that is longer than the token: while requests wait, no attempt is far away.</summary>
public class OutageTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Theory]
    [InlineData(TokenFailureReason.EndpointFailing)]
    [InlineData(TokenFailureReason.TimedOut)]
    [InlineData(TokenFailureReason.Unreachable)]
    [InlineData(TokenFailureReason.NoIdentityOnHost)]
    [InlineData(TokenFailureReason.InvalidAnswer)]
    [InlineData(TokenFailureReason.Updating)]
    [InlineData(TokenFailureReason.IdentityNotAssigned)]
    [InlineData(TokenFailureReason.Refused)]
    public void While_requests_come_there_are_at_most_ten_seconds_between_attempts(object reason)
    {
        using var fixture = Expired();
        for (var attempt = 0; attempt < 12; attempt++)
        {
            fixture.Fail((TokenFailureReason)reason);
            _ = fixture.Read();
            Assert.InRange(fixture.AdvanceToNextAttempt().TotalSeconds, 1, 10.001);
        }
    }

    [Fact]
    public void A_refused_request_counts_as_waiting_for_a_minute_since_its_client_will_retry()
    {
        using var fixture = LongFailing();
        var read = fixture.Read();
        var refused = fixture.Clock.TrueTime;
        List<(double At, double Wait)> attempts = [];
        while (attempts.Count < 12)
        {
            var wait = fixture.AdvanceToNextAttempt();
            attempts.Add(((fixture.Clock.TrueTime - refused).TotalSeconds, wait.TotalSeconds));
            fixture.Fail();
        }

        Assert.Null(read.Now().Token);
        // It waited for ten seconds itself.
        Assert.All(attempts.Where(attempt => attempt.At < 60), attempt => Assert.InRange(attempt.Wait, 0, 10.001));
        Assert.All(attempts.Where(attempt => attempt.At - attempt.Wait > 70), attempt => Assert.InRange(attempt.Wait, 30, 60.001));
        Assert.Contains(attempts, attempt => attempt.Wait > 30);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4.9)]
    [InlineData(25)]
    public void A_request_brings_a_distant_attempt_forward(double secondsAfterTheLast)
    {
        using var fixture = LongFailing();
        fixture.Advance(TimeSpan.FromSeconds(secondsAfterTheLast));
        var read = fixture.Read();
        if (!fixture.Attempting)
            Assert.InRange(fixture.AdvanceToNextAttempt().TotalSeconds + secondsAfterTheLast, 5, 10.001);
        fixture.Answer("two", Hour);
        Assert.Equal("Bearer two", read.Now().Token!.HeaderValue);
    }

    [Theory]
    [InlineData(TokenFailureReason.Throttled, 90)]
    [InlineData(TokenFailureReason.EndpointFailing, 90)]
    [InlineData(TokenFailureReason.Updating, 20)]
    public void A_wait_that_the_endpoint_asked_for_is_kept_while_requests_wait(object reason, double retryAfter)
    {
        using var fixture = Expired();
        fixture.Fail((TokenFailureReason)reason, TimeSpan.FromSeconds(retryAfter));
        var reading = fixture.Read().Now();
        Assert.InRange(reading.RetryAfter.TotalSeconds, retryAfter, retryAfter + 1);
        Assert.InRange(fixture.AdvanceToNextAttempt().TotalSeconds, retryAfter, retryAfter + 1.001);
    }

    [Fact]
    public void Throttling_without_a_wait_keeps_its_backoff_while_requests_wait()
    {
        using var fixture = Expired();
        List<double> waits = [];
        for (var attempt = 0; attempt < 10; attempt++)
        {
            fixture.Fail(TokenFailureReason.Throttled);
            _ = fixture.Read();
            waits.Add(fixture.AdvanceToNextAttempt().TotalSeconds);
        }

        Assert.InRange(waits[^1], 30, 60.001);
    }

    [Fact]
    public void Without_requests_the_backoff_goes_on_to_a_minute()
    {
        using var fixture = LongFailing();
        Assert.InRange(fixture.AdvanceToNextAttempt().TotalSeconds, 30, 60.001);
    }

    /// <summary>One whose token has expired, with the attempt after that under way.</summary>
    private static PumpedEntry Expired()
    {
        var fixture = PumpedEntry.Fresh(Hour);
        fixture.Suspend(2 * Hour);
        fixture.AdvanceToNextAttempt();
        return fixture;
    }

    private static PumpedEntry LongFailing()
    {
        var fixture = Expired();
        for (var failure = 0; failure < 8; failure++)
        {
            fixture.Fail();
            fixture.AdvanceToNextAttempt();
        }

        fixture.Fail();
        return fixture;
    }
}
