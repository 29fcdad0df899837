using TokenBroker.Tokens;
using TokenBroker.Tokens.Answers;
using Xunit;

namespace TokenBroker.Tests.Tokens;

public class TokenEntryTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public async Task Two_hundred_first_reads_share_one_attempt()
    {
        await using var fixture = new EntryFixture();
        var reads = Enumerable.Range(0, 200).Select(_ => fixture.ReadAsync()).ToList();
        Assert.Equal(TokenState.Acquiring, fixture.Entry.Snapshot().State);

        await fixture.Source.AnswerAsync("one", Hour);

        foreach (var reading in await Task.WhenAll(reads))
            Assert.Equal("Bearer one", reading.Token!.HeaderValue);
        Assert.Equal(1, fixture.Source.Count);
        Assert.Equal("Bearer one", fixture.ReadNow());
    }

    [Fact]
    public async Task A_caller_that_gives_up_does_not_take_the_attempt_along()
    {
        await using var fixture = new EntryFixture();
        using var gone = new CancellationTokenSource();
        var first = fixture.Entry.ReadAsync(gone.Token).AsTask();
        var second = fixture.ReadAsync();

        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await fixture.Source.AnswerAsync("one", Hour);

        Assert.Equal("Bearer one", (await second).Token!.HeaderValue);
        Assert.Equal(1, fixture.Source.Count);
    }

    [Fact]
    public async Task A_token_is_refreshed_around_half_of_its_life_while_it_serves()
    {
        await using var fixture = new EntryFixture();
        await fixture.Source.AnswerAsync("one", Hour);
        await fixture.UntilAsync(TokenState.Fresh);

        var waited = await fixture.AdvanceToNextAttemptAsync();

        Assert.InRange(waited / Hour, 0.45, 0.55);
        await fixture.UntilAsync(TokenState.Refreshing);
        Assert.Equal("Bearer one", fixture.ReadNow());
        await fixture.Source.AnswerAsync("two", Hour);
        await fixture.UntilAsync(TokenState.Fresh);
        Assert.Equal("Bearer two", fixture.ReadNow());
    }

    [Fact]
    public async Task An_attempt_may_take_no_more_than_half_of_what_is_left_of_the_token_that_serves()
    {
        await using var fixture = new EntryFixture();
        await fixture.Source.AnswerAsync("one", TimeSpan.FromSeconds(20));
        Assert.Equal(fixture.Source.AttemptTimeout, fixture.Source.LastLimit);
        await fixture.UntilAsync(TokenState.Fresh);
        List<(double Left, double Limit)> attempts = [];
        for (var left = 20.0; left > 2.5;)
        {
            await fixture.AdvanceToNextAttemptAsync();
            left = fixture.Entry.Snapshot().TimeToExpiry!.Value.TotalSeconds;
            attempts.Add((left, fixture.Source.LastLimit.TotalSeconds));
            await fixture.Source.FailAsync(TokenFailureReason.TimedOut);
            await fixture.UntilAsync(TokenState.Stale);
        }

        Assert.True(attempts.Count > 2);
        Assert.All(attempts, attempt => Assert.Equal(Math.Max(1, attempt.Left / 2), attempt.Limit, 0.01));
    }

    [Fact]
    public async Task Failed_refresh_keeps_serving_the_old_token_until_it_expires()
    {
        await using var fixture = new EntryFixture();
        await fixture.Source.AnswerAsync("one", Hour);
        await fixture.UntilAsync(TokenState.Fresh);
        var expiry = fixture.Entry.Snapshot().ExpiresOn!.Value;

        while (fixture.Clock.GetUtcNow() < expiry)
        {
            await fixture.AdvanceToNextAttemptAsync();
            if (fixture.Clock.GetUtcNow() < expiry)
                Assert.Equal("Bearer one", fixture.ReadNow());
            await fixture.Source.FailAsync(TokenFailureReason.EndpointFailing);
            await fixture.UntilAsync(fixture.Clock.GetUtcNow() < expiry ? TokenState.Stale : TokenState.Expired);
        }

        var read = fixture.ReadAsync();
        fixture.Clock.Advance(TimeSpan.FromSeconds(11));
        var reading = await read;
        Assert.Null(reading.Token);
        Assert.Equal(TokenFailureReason.EndpointFailing, reading.Failure!.Reason);
    }

    [Fact]
    public async Task The_same_token_again_is_asked_for_less_and_less_urgently_than_a_failure()
    {
        await using var fixture = new EntryFixture();
        var life = TimeSpan.FromHours(3);
        var token = fixture.Source.Token("one", life);
        (await fixture.Source.NextAsync()).SetResult(TokenAnswer.Of(token));
        await fixture.UntilAsync(TokenState.Fresh);
        var attempts = 0;
        while (token.Remaining(fixture.Clock) > TimeSpan.FromMinutes(10))
        {
            Assert.True(await fixture.AdvanceToNextAttemptAsync() >= TimeSpan.FromSeconds(60));
            (await fixture.Source.NextAsync()).SetResult(
                TokenAnswer.Of(new BearerToken("one", token.ExpiresOn, token.Remaining(fixture.Clock), fixture.Clock)));
            await fixture.UntilAsync(TokenState.Fresh);
            attempts++;
        }

        Assert.InRange(attempts, 4, 6);
    }

    [Fact]
    public async Task A_wall_clock_set_back_does_not_make_a_token_live_longer()
    {
        await using var fixture = new EntryFixture();
        await fixture.Source.AnswerAsync("one", Hour);
        await fixture.UntilAsync(TokenState.Fresh);

        fixture.Clock.JumpWall(TimeSpan.FromDays(-1));
        Assert.Equal("Bearer one", fixture.ReadNow());
        await fixture.AdvanceToNextAttemptAsync();
        fixture.Clock.Advance(TimeSpan.FromMinutes(35));

        Assert.Equal(TokenState.Acquiring, fixture.Entry.Snapshot().State);
    }

    [Fact]
    public async Task After_a_suspend_the_first_read_waits_for_a_new_token_and_never_gets_the_expired_one()
    {
        await using var fixture = new EntryFixture();
        await fixture.Source.AnswerAsync("one", Hour);
        await fixture.UntilAsync(TokenState.Fresh);
        fixture.Clock.Advance(TimeSpan.FromSeconds(2));

        fixture.Clock.Suspend(TimeSpan.FromHours(8));
        Assert.Equal(TokenState.Expired, fixture.Entry.Snapshot().State);
        var read = fixture.ReadAsync();
        await fixture.Source.AnswerAsync("two", Hour);

        Assert.Equal("Bearer two", (await read).Token!.HeaderValue);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task After_a_suspend_in_a_failing_state_a_read_begins_the_attempt_that_came_due(bool held)
    {
        await using var fixture = new EntryFixture();
        if (held)
        {
            await fixture.Source.AnswerAsync("one", Hour);
            await fixture.UntilAsync(TokenState.Fresh);
            await fixture.AdvanceToNextAttemptAsync();
        }

        await fixture.Source.FailAsync(TokenFailureReason.IdentityNotAssigned);
        await fixture.UntilAsync(held ? TokenState.Stale : TokenState.None);
        fixture.Clock.Advance(TimeSpan.FromSeconds(2));

        fixture.Clock.Suspend(TimeSpan.FromHours(2));
        var read = fixture.ReadAsync();
        await fixture.Source.AnswerAsync("two", Hour);

        Assert.Equal("Bearer two", (await read).Token!.HeaderValue);
    }

    [Fact]
    public async Task A_read_does_not_wait_for_an_attempt_that_is_not_due_soon()
    {
        await using var fixture = new EntryFixture();
        await fixture.Source.FailAsync(TokenFailureReason.Throttled, TimeSpan.FromMinutes(1));
        await fixture.UntilAsync(TokenState.None);

        var reading = await fixture.ReadAsync();

        Assert.Equal(TokenFailureReason.Throttled, reading.Failure!.Reason);
        Assert.InRange(reading.RetryAfter.TotalSeconds, 60, 61);
        Assert.Equal(1, fixture.Source.Count);
    }

    [Fact]
    public async Task A_read_waits_for_the_first_token_no_longer_than_it_was_told()
    {
        await using var fixture = new EntryFixture();
        await fixture.Source.NextAsync();
        var read = fixture.ReadAsync();

        fixture.Clock.Advance(TimeSpan.FromSeconds(9.9));
        Assert.False(read.IsCompleted);
        fixture.Clock.Advance(TimeSpan.FromSeconds(0.2));

        Assert.Equal(TokenFailureReason.Pending, (await read).Failure!.Reason);
    }

    [Fact]
    public async Task A_short_failure_at_start_is_not_seen_by_a_request()
    {
        await using var fixture = new EntryFixture();
        var read = fixture.ReadAsync();
        await fixture.Source.FailAsync(TokenFailureReason.Throttled);
        await fixture.AdvanceToNextAttemptAsync();
        await fixture.Source.AnswerAsync("one", Hour);

        Assert.Equal("Bearer one", (await read).Token!.HeaderValue);
    }

    [Fact]
    public async Task Reading_a_fresh_token_allocates_nothing()
    {
        await using var fixture = new EntryFixture();
        await fixture.Source.AnswerAsync("one", Hour);
        await fixture.UntilAsync(TokenState.Fresh);
        var usable = 0;
        void ReadMany()
        {
            for (var i = 0; i < 1000; i++)
            {
                var read = fixture.Entry.ReadAsync(CancellationToken.None);
                usable += read.IsCompletedSuccessfully && read.GetAwaiter().GetResult().Token is not null ? 1 : 0;
            }
        }

        ReadMany();
        var before = GC.GetAllocatedBytesForCurrentThread();
        ReadMany();

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(2000, usable);
    }

    [Fact]
    public void A_token_prints_its_times_and_nothing_else()
    {
        var clock = new TestClock();
        var token = new BearerToken("planted-secret", clock.GetUtcNow() + Hour, Hour, clock);
        Assert.DoesNotContain("planted", token.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("planted", new TokenReading(token, null, default).ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("planted", TokenAnswer.Of(token).ToString(), StringComparison.Ordinal);
    }
}
