using TokenBroker.Imds;
using TokenBroker.Imds.Faults;
using TokenBroker.Imds.Record;
using TokenBroker.Tokens;
using TokenBroker.Tokens.Answers;
using TokenBroker.Tokens.Sources;
using Xunit;

namespace TokenBroker.Tests.Tokens.FaultMatrix;

/// <summary>One attempt of the IMDS source, as the endpoint sees it.</summary>
public class ImdsAttemptTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private static ImdsTokenSource Source(HttpMessageInvoker http, Uri endpoint, TimeProvider time) =>
        new(http, endpoint, TokenBroker.Configuration.IdentitySelector.System, StorageAudience.Uri, Limit, time);

    [Theory]
    [InlineData("200 OK", "{}")]
    [InlineData("500 Internal Server Error", "{}")]
    [InlineData("302 Found\r\nLocation: /elsewhere", "")]
    public async Task An_attempt_is_one_request_on_a_connection_of_its_own(string status, string body)
    {
        await using var server = new KeepAliveServer($"HTTP/1.1 {status}\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        using var http = ImdsTokenSource.CreateClient();
        var source = Source(http, server.Address, TimeProvider.System);

        for (var attempt = 1; attempt <= 3; attempt++)
        {
            Assert.NotNull((await source.RequestAsync(Limit, TestContext.Current.CancellationToken)).Failure);
            Assert.Equal(attempt, server.Requests);
            // A request on a connection that was used before is sent again by the HTTP client when that connection breaks.
            Assert.Equal(attempt, server.Connections);
        }
    }

    [Fact]
    public async Task An_attempt_ends_by_its_limit_and_leaves_nothing_behind_at_the_endpoint()
    {
        await using var entry = await EmulatedEntry.StartAsync(Fault.Of(FaultKind.Hang));
        for (var attempt = 1; attempt <= 3; attempt++)
        {
            await entry.EndAttemptAsync(Fault.Of(FaultKind.Hang));
            var record = await entry.Emulator.WaitForAsync(requests => requests[^1].Outcome != RequestOutcome.Pending)
                .WaitAsync(TimeSpan.FromSeconds(20));
            Assert.Equal(attempt, record.Count);
            Assert.Equal(RequestOutcome.Abandoned, record[^1].Outcome);
            Assert.Equal(entry.Limit, record[^1].AnsweredAt - record[^1].ReceivedAt);
            await entry.GoToNextAttemptAsync();
        }
    }

    [Theory]
    [InlineData("Content-Length: 100\r\n\r\n{")] // the rest never comes
    [InlineData("Content-Length: 9000\r\n\r\n{long}")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\nno chunk\r\n")]
    public async Task An_error_counts_with_its_wait_also_when_its_body_is_slow_long_or_broken(string rest)
    {
        await using var server = new KeepAliveServer(
            "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 20\r\n" + rest.Replace("{long}", new string(' ', 9000), StringComparison.Ordinal));
        using var http = ImdsTokenSource.CreateClient();

        var answer = await Source(http, server.Address, TimeProvider.System)
            .RequestAsync(TimeSpan.FromMilliseconds(500), TestContext.Current.CancellationToken);

        Assert.Equal((TokenFailureReason.Throttled, TimeSpan.FromSeconds(20)), (answer.Failure!.Reason, answer.Failure.RetryAfter));
    }

    [Fact]
    public async Task An_attempt_ends_by_the_limit_that_the_entry_sets()
    {
        var clock = new TestClock();
        await using var emulator = await ImdsEmulator.StartAsync(new(), TestContext.Current.CancellationToken);
        emulator.Inject(Fault.Of(FaultKind.Hang));
        using var http = ImdsTokenSource.CreateClient();

        var attempt = Source(http, emulator.BaseAddress, clock).RequestAsync(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
        clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal("no answer within 2 s", (await attempt).Failure!.Detail);
    }

    [Theory]
    [InlineData(429, false, 0)]
    [InlineData(429, true, 0)]
    [InlineData(503, true, 0)]
    [InlineData(429, true, 10)]
    [InlineData(429, true, -10)]
    public async Task Retry_After_means_the_same_in_both_forms_and_whatever_this_hosts_clock_says(int status, bool asDate, int minutesAhead)
    {
        var (theirs, ours) = (new TestClock(), new TestClock());
        ours.JumpWall(TimeSpan.FromMinutes(minutesAhead));
        await using var emulator = await ImdsEmulator.StartAsync(new() { TimeProvider = theirs }, TestContext.Current.CancellationToken);
        emulator.Inject(Fault.Answer(status, TimeSpan.FromSeconds(20), asDate));
        using var http = ImdsTokenSource.CreateClient();

        var answer = await Source(http, emulator.BaseAddress, ours).RequestAsync(Limit, TestContext.Current.CancellationToken);

        Assert.Equal(TimeSpan.FromSeconds(20), answer.Failure!.RetryAfter);
    }
}
