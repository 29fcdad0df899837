using TokenBroker.Tokens;
using TokenBroker.Tokens.Answers;
using Xunit;

namespace TokenBroker.Tests.Tokens;

/// <summary>Storage says that a token has expired which by our clocks has not.</summary>
public class SuspectTokenTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public void A_suspect_token_serves_until_another_has_come()
    {
        using var fixture = PumpedEntry.Fresh(Hour);
        fixture.Advance(2 * Minute);
        var replaced = fixture.Replace(Held(fixture));
        Assert.Equal(TokenState.Refreshing, fixture.State);
        Assert.Equal("Bearer one", fixture.Served());
        fixture.Answer("two", Hour);
        Assert.Equal("Bearer two", replaced.Now()!.HeaderValue);
    }

    [Fact]
    public void A_suspect_token_is_asked_for_at_most_once_within_the_floor()
    {
        using var fixture = PumpedEntry.Fresh(Hour);
        fixture.Advance(Minute - TimeSpan.FromSeconds(1));
        Assert.Null(fixture.Replace(Held(fixture)).Now());
        Assert.Equal(1, fixture.Attempts);

        fixture.Advance(TimeSpan.FromSeconds(1));
        var first = fixture.Replace(Held(fixture));
        var second = fixture.Replace(Held(fixture));
        Assert.Equal(2, fixture.Attempts);
        fixture.Answer("one", fixture.Entry.Snapshot().TimeToExpiry!.Value);
        Assert.Null(first.Now());
        Assert.Null(second.Now());
        Assert.Null(fixture.Replace(Held(fixture)).Now());
        Assert.Equal(2, fixture.Attempts);
    }

    [Fact]
    public void A_suspect_token_that_was_replaced_meanwhile_needs_no_attempt()
    {
        using var fixture = PumpedEntry.Fresh(Hour);
        var old = Held(fixture);
        fixture.AdvanceToNextAttempt();
        fixture.Answer("two", Hour);
        Assert.Equal("Bearer two", fixture.Replace(old).Now()!.HeaderValue);
        Assert.Equal(2, fixture.Attempts);
    }

    [Fact]
    public void A_suspect_token_is_not_asked_for_while_attempts_fail()
    {
        using var fixture = PumpedEntry.Fresh(Hour);
        fixture.AdvanceToNextAttempt();
        fixture.Fail(retryAfter: 10 * Minute);
        fixture.Advance(5 * Minute);
        Assert.Null(fixture.Replace(Held(fixture)).Now());
        Assert.Equal(2, fixture.Attempts);
    }

    [Fact]
    public void A_failed_attempt_for_a_suspect_token_leaves_it_serving()
    {
        using var fixture = PumpedEntry.Fresh(Hour);
        fixture.Advance(2 * Minute);
        var replaced = fixture.Replace(Held(fixture));
        fixture.Fail();
        Assert.Null(replaced.Now());
        Assert.Equal("Bearer one", fixture.Served());
        Assert.Equal(TokenState.Stale, fixture.State);
    }

    [Fact]
    public void A_suspect_token_joins_the_attempt_under_way_and_waits_no_longer_than_a_read()
    {
        using var fixture = PumpedEntry.Fresh(Hour);
        fixture.AdvanceToNextAttempt();
        var replaced = fixture.Replace(Held(fixture));
        fixture.Advance(TimeSpan.FromSeconds(9.9));
        Assert.False(replaced.IsCompleted);
        fixture.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Null(replaced.Now());
        Assert.Equal(2, fixture.Attempts);
    }

    [Fact]
    public void A_caller_that_gives_up_on_a_suspect_token_leaves_the_attempt_to_the_others()
    {
        using var fixture = PumpedEntry.Fresh(Hour);
        fixture.Advance(2 * Minute);
        using var gone = new CancellationTokenSource();
        var first = fixture.Replace(Held(fixture), gone.Token);
        var second = fixture.Replace(Held(fixture));
        fixture.Do(gone.Cancel);
        Assert.True(first.IsCanceled);
        fixture.Answer("two", Hour);
        Assert.Equal("Bearer two", second.Now()!.HeaderValue);
    }

    [Fact]
    public void After_the_stop_a_suspect_token_is_not_waited_for()
    {
        using var fixture = PumpedEntry.Fresh(Hour);
        fixture.Advance(2 * Minute);
        var waiting = fixture.Replace(Held(fixture));
        fixture.Stop();
        Assert.Null(waiting.Now());
        Assert.Null(fixture.Replace(Held(fixture)).Now());
    }

    private static BearerToken Held(PumpedEntry fixture) => fixture.Read().Now().Token!;
}
