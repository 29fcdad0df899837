using TokenBroker.Imds.Faults;
using TokenBroker.Tests.Tokens;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Network;
using TokenBroker.TestSupport.Storage;
using Xunit;

namespace TokenBroker.Tests.Functional;

/// <summary>Storage's 401, and the 403 that older versions got for the same fault.</summary>
public class RejectedTokenTests
{
    private const string Put = "PUT /acct/c/b HTTP/1.1\r\nHost: HOST\r\nx-ms-version: 2021-12-02\r\nx-ms-blob-type: BlockBlob\r\n";

    /// <summary>Of tokens that live for an hour: no two attempts are closer.</summary>
    private static readonly TimeSpan Floor = TimeSpan.FromMinutes(1);

    private readonly TestClock _clock = new();

    /// <summary>
    /// A sidecar whose emulator gives a new token each time, or always the same, and whose first token storage takes for
    /// expired. It serves two accounts with one identity, and has just started: a rejection may not ask yet.
    /// </summary>
    private async Task<RunningBroker> StartWithinFloorAsync(bool fresh = true, TimeSpan? wait = null)
    {
        var broker = await RunningBroker.StartAsync(
            options => options with
            {
                Accounts = [.. options.Accounts, options.Accounts[0] with { Name = "other", Endpoint = new(options.Accounts[0].Endpoint, "/other") }],
                Tokens = options.Tokens with { FirstTokenWait = wait ?? options.Tokens.FirstTokenWait },
            },
            identities: new() { ReuseUntilShareLeft = fresh ? null : 0.5, TokenLifetime = TimeSpan.FromHours(1) },
            clock: _clock);
        await Wait.UntilAsync(async () => (await broker.GetAdminAsync("/health/ready")).Status == 200, TimeSpan.FromSeconds(10), "ready");
        broker.Storage.Account().Expire(First(broker));
        return broker;
    }

    private async Task<RunningBroker> StartAsync(bool fresh = true, TimeSpan? wait = null)
    {
        var broker = await StartWithinFloorAsync(fresh, wait);
        _clock.Advance(Floor);
        return broker;
    }

    private static string First(RunningBroker broker) => broker.Metadata.Tokens[0].Value;

    [Theory]
    [InlineData("2021-12-02")]
    [InlineData("2018-03-28")]
    public async Task A_request_without_a_body_is_sent_again_with_the_new_token(string version)
    {
        await using var broker = await StartAsync();

        var response = await broker.SendAsync($"GET /acct/c/pattern-7 HTTP/1.1\r\nHost: HOST\r\nx-ms-version: {version}\r\n\r\n");

        Assert.Equal(200, response.Status);
        Assert.Equal(7, response.Body.Length);
        Assert.Equal([First(broker), broker.Metadata.Tokens[1].Value], broker.Storage.Requests.All.Select(request => request.Bearer));
        Assert.Equal(2, broker.Metadata.Requests.Count);
    }

    [Fact]
    public async Task The_wait_for_another_token_is_one_for_a_token()
    {
        await using var broker = await StartAsync();
        using var telemetry = new ProxyTelemetry(broker);

        Assert.Equal(200, (await broker.GetAsync("/acct/c/pattern-7")).Status);

        Assert.Single(telemetry.Values("tokenbroker.proxy.token_wait", "account=acct"));
        Assert.Equal([1, -1], telemetry.Values("tokenbroker.proxy.waiting_requests", "account=acct"));
    }

    [Fact]
    public async Task The_wait_for_another_token_that_does_not_come_is_no_added_time()
    {
        var wait = TimeSpan.FromSeconds(3); // shorter than an attempt, which thus goes on
        await using var broker = await StartAsync(wait: wait);
        broker.Metadata.Inject(Fault.Of(FaultKind.Hang));
        using var telemetry = new ProxyTelemetry(broker);

        var asked = broker.GetAsync("/acct/c/pattern-7");
        await Wait.UntilAsync(() => telemetry.Values("tokenbroker.proxy.waiting_requests").Count == 1, TimeSpan.FromSeconds(20), "the request waits");
        _clock.Advance(wait);

        Assert.Equal(401, (await asked).Status);
        await Wait.UntilAsync(() => telemetry.Values("tokenbroker.proxy.overhead").Count == 1, TimeSpan.FromSeconds(20), "the request is measured");
        Assert.Equal([wait.TotalSeconds], telemetry.Values("tokenbroker.proxy.token_wait"));
        Assert.Equal([0], telemetry.Values("tokenbroker.proxy.overhead"));
    }

    [Fact]
    public async Task Added_time_is_not_taken_from_a_request_that_has_the_connection_next()
    {
        var (wait, apart) = (TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(1)); // an attempt takes longer than both
        await using var broker = await StartAsync(wait: wait);
        broker.Metadata.Inject(Fault.Of(FaultKind.Hang));
        using var telemetry = new ProxyTelemetry(broker);
        var head = "HEAD /acct/c/pattern-7 HTTP/1.1\r\nHost: HOST\r\nx-ms-version: 2021-12-02\r\n\r\n"; // without a body, its connection is free at once

        var first = broker.SendAsync(head);
        await WaitingAsync(1);
        _clock.Advance(apart);
        var second = broker.SendAsync(head);
        await WaitingAsync(2);
        _clock.Advance(wait - apart);
        Assert.Equal(401, (await first).Status);
        await MeasuredAsync(1);
        _clock.Advance(apart);
        Assert.Equal(401, (await second).Status);
        await MeasuredAsync(2);

        Assert.Equal([0, 0], telemetry.Values("tokenbroker.proxy.overhead"));
        Assert.Equal([1], telemetry.Values("tokenbroker.upstream.connections")); // or nothing was tested

        Task WaitingAsync(int count) => Wait.UntilAsync(
            () => telemetry.Values("tokenbroker.proxy.waiting_requests").Count(value => value > 0) == count, TimeSpan.FromSeconds(20), "the request waits");

        Task MeasuredAsync(int count) =>
            Wait.UntilAsync(() => telemetry.Values("tokenbroker.proxy.overhead").Count == count, TimeSpan.FromSeconds(20), "the request is measured");
    }

    [Theory]
    [InlineData("2021-12-02")]
    [InlineData("2018-03-28")]
    public async Task HEAD_has_no_body_to_say_why_and_is_sent_again_as_well(string version)
    {
        await using var broker = await StartAsync();

        var response = await broker.SendAsync($"HEAD /acct/c/pattern-7 HTTP/1.1\r\nHost: HOST\r\nx-ms-version: {version}\r\n\r\n");

        Assert.Equal(200, response.Status);
        Assert.Equal("7", response.Header("Content-Length"));
    }

    [Fact]
    public async Task A_request_whose_body_was_read_is_asked_to_come_again_and_then_succeeds()
    {
        await using var broker = await StartAsync();

        var first = await broker.SendAsync(Put + "Content-Length: 3\r\n\r\nabc");
        Assert.Equal(503, first.Status);
        Assert.Equal("token-replaced", first.Header("x-tokenbroker-reason"));
        Assert.Equal("1", first.Header("Retry-After"));

        Assert.Equal(201, (await broker.SendAsync(Put + "Content-Length: 3\r\n\r\nabc")).Status);
    }

    [Fact]
    public async Task A_body_that_waits_for_100_Continue_and_was_not_read_is_sent_with_the_new_token()
    {
        await using var broker = await StartAsync();
        broker.Storage.AnswerNext(new()
        {
            Status = 401,
            Code = "InvalidAuthenticationInfo",
            Detail = "Lifetime validation failed. The token is expired.",
            ReadsBody = false,
        });
        await using var connection = await RawConnection.OpenAsync(broker.Data);

        await connection.SendAsync(Put.Replace("HOST", broker.Data.Authority, StringComparison.Ordinal)
            + "Expect: 100-continue\r\nContent-Length: 5000\r\n\r\n"); // a body of up to 1 KiB would be sent even after an error
        Assert.Equal(100, (await connection.ReadResponseAsync()).Status);
        await connection.SendAsync(new byte[5000]);

        var response = await connection.ReadResponseAsync();
        Assert.Equal((201, null), (response.Status, response.Header("x-tokenbroker-reason")));
        Assert.Equal([First(broker), broker.Metadata.Tokens[1].Value], broker.Storage.Requests.All.Select(request => request.Bearer));
    }

    [Fact]
    public async Task The_same_token_again_relays_storages_answer_byte_for_byte()
    {
        await using var broker = await StartAsync(fresh: false);

        var response = await broker.GetAsync("/acct/c/pattern-7");

        Assert.Equal(401, response.Status);
        Assert.Contains("Lifetime validation failed", response.Text, StringComparison.Ordinal);
        Assert.Contains("Bearer", response.Header("WWW-Authenticate"), StringComparison.Ordinal);
        Assert.Null(response.Header("x-tokenbroker-reason"));
        Assert.Equal([First(broker)], broker.Storage.Requests.All.Select(request => request.Bearer));
    }

    [Fact]
    public async Task Rejections_ask_for_a_token_at_most_once_in_an_interval_and_the_token_serves_the_other_account()
    {
        await using var broker = await StartWithinFloorAsync();

        for (var interval = 1; interval <= 3; interval++)
        {
            broker.Storage.Account().Expire(broker.Metadata.Tokens[^1].Value);
            await AssertNothingIsAskedAsync(interval);
            _clock.Advance(Floor - TimeSpan.FromSeconds(1));
            await AssertNothingIsAskedAsync(interval);

            _clock.Advance(TimeSpan.FromSeconds(1));
            var together = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => broker.GetAsync("/acct/c/pattern-1")));

            Assert.All(together, response => Assert.Equal(200, response.Status));
            Assert.Equal(interval + 1, broker.Metadata.Requests.Count);
        }

        async Task AssertNothingIsAskedAsync(int asked)
        {
            for (var i = 0; i < 5; i++)
            {
                Assert.Equal(401, (await broker.GetAsync("/acct/c/pattern-1")).Status);
                Assert.Equal(200, (await broker.GetAsync("/other/c/pattern-1")).Status);
            }

            Assert.Equal(asked, broker.Metadata.Requests.Count);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task HEAD_of_an_account_in_another_tenant_asks_once_in_an_interval_and_then_has_storages_answer(bool fresh)
    {
        await using var broker = await StartAsync(fresh);
        // Its body says "Issuer validation failed" to a GET; to HEAD there are the headers, the same as for an expired token.
        broker.Storage.AnswerAll(
            PlannedAnswer.Error(401, "InvalidAuthenticationInfo") with { Detail = "Issuer validation failed. Issuer did not match." },
            request => request.Account == "acct");

        for (var i = 0; i < 10; i++)
        {
            var response = await broker.SendAsync("HEAD /acct/c/pattern-7 HTTP/1.1\r\nHost: HOST\r\nx-ms-version: 2021-12-02\r\n\r\n");
            Assert.Equal((401, "InvalidAuthenticationInfo", null),
                (response.Status, response.Header("x-ms-error-code"), response.Header("x-tokenbroker-reason")));
            Assert.Equal(200, (await broker.GetAsync("/other/c/pattern-7")).Status);
        }

        Assert.Equal(2, broker.Metadata.Requests.Count);
        // Only a new token is worth a second try.
        Assert.Equal(fresh ? 11 : 10, broker.Storage.Requests.All.Count(request => request.Account == "acct"));
    }

    [Theory]
    [InlineData("Issuer validation failed. Issuer did not match.")]
    [InlineData("Audience validation failed. Audience did not match.")]
    public async Task Any_other_401_passes_byte_for_byte_and_leaves_the_token_alone(string detail)
    {
        await using var broker = await StartAsync();
        var body = System.Text.Encoding.UTF8.GetBytes($"\ufeff<Error><Code>InvalidAuthenticationInfo</Code><D>{detail}{new string('x', 20_000)}</D></Error>");
        broker.Storage.AnswerAll(new() { Status = 401, Body = body, Headers = new Dictionary<string, string> { ["WWW-Authenticate"] = "Bearer x" } });

        var response = await broker.GetAsync("/acct/c/pattern-7");

        Assert.Equal(401, response.Status);
        Assert.Equal(body, response.Body);
        Assert.Equal("Bearer x", response.Header("WWW-Authenticate"));
        Assert.Single(broker.Metadata.Requests);
    }

    [Fact]
    public async Task The_second_answer_is_final_also_when_a_third_token_could_be_had()
    {
        await using var broker = await StartAsync();
        var expired = PlannedAnswer.Error(401, "InvalidAuthenticationInfo") with { Detail = "Lifetime validation failed." };
        var held = new TaskCompletionSource();
        broker.Storage.AnswerNext(expired);
        broker.Storage.AnswerNext(expired with { Until = held.Task });

        var answer = broker.GetAsync("/acct/c/pattern-7");
        await Wait.UntilAsync(() => broker.Storage.Requests.Count == 2, TimeSpan.FromSeconds(10), "it is sent again");
        _clock.Advance(Floor);
        held.SetResult();
        var response = await answer;

        Assert.Equal(401, response.Status);
        Assert.Contains("Lifetime validation failed.", response.Text, StringComparison.Ordinal);
        Assert.Equal(2, broker.Storage.Requests.Count);
        Assert.Equal(2, broker.Metadata.Requests.Count);
    }
}
