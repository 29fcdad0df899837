using TokenBroker.Tokens;
using TokenBroker.Tokens.Answers;
using Xunit;

namespace TokenBroker.Tests.Tokens;

/// <summary>Whoever waits for an attempt: operators who ask for one, requests without a token, and both at the end.</summary>
public class WaitingTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public void A_refresh_on_demand_is_made_at_once_and_tells_what_came_of_it()
    {
        using var fixture = PumpedEntry.Fresh(Hour);
        fixture.Advance(TimeSpan.FromSeconds(2));
        foreach (var (token, outcome) in new[] { ("two", TokenOutcome.Refreshed), ("two", TokenOutcome.Unchanged) })
        {
            fixture.Advance(TimeSpan.FromSeconds(1));
            var refresh = fixture.Refresh();
            fixture.Answer(token, Hour);
            Assert.Equal(outcome, refresh.Now().Outcome);
            Assert.Equal(fixture.Entry.Snapshot().ExpiresOn, refresh.Now().ExpiresOn);
        }

        fixture.Advance(TimeSpan.FromSeconds(1));
        var failed = fixture.Refresh();
        fixture.Fail(TokenFailureReason.Throttled);
        Assert.Equal((TokenOutcome.Failed, TokenFailureReason.Throttled), (failed.Now().Outcome, failed.Now().Failure!.Reason));
        Assert.NotNull(failed.Now().ExpiresOn);
    }

    [Fact]
    public void A_refresh_on_demand_joins_the_attempt_under_way()
    {
        using var fixture = new PumpedEntry();
        fixture.Start();
        var refreshes = new[] { fixture.Refresh(), fixture.Refresh() };
        fixture.Answer("one", Hour);
        Assert.All(refreshes, refresh => Assert.Equal(TokenOutcome.Refreshed, refresh.Now().Outcome));
        Assert.Equal(1, fixture.Attempts);
    }

    [Fact]
    public void A_refresh_on_demand_does_not_wait_for_the_end_of_a_backoff_but_keeps_a_second()
    {
        using var fixture = new PumpedEntry();
        fixture.Start();
        fixture.Fail(TokenFailureReason.Throttled, Hour);
        var refresh = fixture.Refresh();
        fixture.Advance(TimeSpan.FromSeconds(0.9));
        Assert.Equal(1, fixture.Attempts);
        var read = fixture.Read();
        fixture.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(2, fixture.Attempts);
        fixture.Answer("one", Hour);
        Assert.Equal(TokenOutcome.Refreshed, refresh.Now().Outcome);
        Assert.Equal("Bearer one", read.Now().Token!.HeaderValue);
    }

    [Fact]
    public void An_operator_who_gives_up_does_not_take_the_attempt_along()
    {
        using var fixture = PumpedEntry.Fresh(Hour);
        fixture.Advance(TimeSpan.FromSeconds(2));
        using var gone = new CancellationTokenSource();
        var refresh = fixture.Refresh(gone.Token);
        fixture.Do(gone.Cancel);
        Assert.True(refresh.IsCanceled);
        Assert.True(fixture.Attempting);
        fixture.Answer("two", Hour);
        Assert.Equal("Bearer two", fixture.Served());
    }

    [Fact]
    public void The_stop_lets_nobody_wait()
    {
        using var fixture = new PumpedEntry();
        fixture.Start();
        var (read, refresh) = (fixture.Read(), fixture.Refresh());
        fixture.Stop();
        Assert.Equal(TokenFailureReason.Stopping, read.Now().Failure!.Reason);
        Assert.Equal(TokenFailureReason.Stopping, refresh.Now().Failure!.Reason);
        Assert.Equal(TokenFailureReason.Stopping, fixture.Read().Now().Failure!.Reason);
        Assert.Equal(TokenFailureReason.Stopping, fixture.Refresh().Now().Failure!.Reason);
    }

    [Fact]
    public void A_stop_during_a_backoff_lets_nobody_wait()
    {
        using var fixture = new PumpedEntry();
        fixture.Start();
        fixture.Fail();
        var (read, refresh) = (fixture.Read(), fixture.Refresh());
        fixture.Stop();
        Assert.True(fixture.Loop!.IsCompletedSuccessfully);
        Assert.Equal(TokenFailureReason.Stopping, read.Now().Failure!.Reason);
        Assert.Equal(TokenFailureReason.Stopping, refresh.Now().Failure!.Reason);
    }

    [Fact]
    public void After_the_stop_the_token_serves_until_it_expires()
    {
        using var fixture = PumpedEntry.Fresh(Hour);
        fixture.Stop();
        Assert.Equal("Bearer one", fixture.Served());
        fixture.Advance(Hour);
        Assert.Equal(TokenFailureReason.Stopping, fixture.Read().Now().Failure!.Reason);
    }

    [Fact]
    public void A_source_that_throws_has_failed_and_is_asked_again()
    {
        using var fixture = PumpedEntry.Fresh(Hour);
        fixture.AdvanceToNextAttempt();
        fixture.Break(new InvalidCastException("secret"));
        Assert.Equal(TokenState.Stale, fixture.State);
        Assert.Equal(new TokenFailure(TokenFailureReason.InvalidAnswer, "InvalidCastException"), fixture.Entry.Snapshot().Failure);
        fixture.AdvanceToNextAttempt();
        fixture.Break(new OperationCanceledException());
        fixture.AdvanceToNextAttempt();
        fixture.Answer("two", Hour);
        Assert.Equal("Bearer two", fixture.Served());
    }

    [Fact]
    public void A_read_that_its_caller_gave_up_leaves_nothing_behind()
    {
        using var fixture = new PumpedEntry();
        fixture.Start();
        using var gone = new CancellationTokenSource();
        var read = fixture.Read(gone.Token);
        Assert.NotNull(fixture.Clock.NextTimer);
        fixture.Do(gone.Cancel);
        Assert.True(read.IsCanceled);
        Assert.Null(fixture.Clock.NextTimer);
    }
}
