using TokenBroker.Imds;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Network;
using TokenBroker.TestSupport.Storage;
using Xunit;

namespace TokenBroker.Tests.Functional;

/// <summary>Storage's 401, and the 403 that older versions got for the same fault.</summary>
public class RejectedTokenTests
{
    private const string Put = "PUT /acct/c/b HTTP/1.1\r\nHost: HOST\r\nx-ms-version: 2021-12-02\r\nx-ms-blob-type: BlockBlob\r\n";

    /// <summary>A sidecar whose emulator gives a new token each time, and whose first token storage takes for expired.</summary>
    private static async Task<(RunningBroker Broker, ImdsEmulator Metadata, string First)> StartAsync(bool fresh = true)
    {
        var metadata = await ImdsEmulator.StartAsync(new()
        {
            ReuseUntilShareLeft = fresh ? null : 0.5,
            RateLimit = null,
            TokenLifetime = TimeSpan.FromSeconds(20), // a floor of one second
        });
        var broker = await RunningBroker.StartAsync(options => options with { Tokens = new() { MetadataEndpoint = metadata.BaseAddress } });
        await Wait.UntilAsync(async () => (await broker.GetAdminAsync("/health/ready")).Status == 200, TimeSpan.FromSeconds(10), "ready");
        // The floor of one second has to pass before a rejection may ask again.
        var since = TimeProvider.System.GetTimestamp();
        await Wait.UntilAsync(() => TimeProvider.System.GetElapsedTime(since) > TimeSpan.FromSeconds(1.1), TimeSpan.FromSeconds(5), "the floor has passed");
        var first = Assert.Single(metadata.Tokens).Value;
        broker.Storage.Account().Expire(first);
        return (broker, metadata, first);
    }

    [Theory]
    [InlineData("2021-12-02")]
    [InlineData("2018-03-28")]
    public async Task A_request_without_a_body_is_sent_again_with_the_new_token(string version)
    {
        var (broker, metadata, first) = await StartAsync();
        await using var ownBroker = broker;
        await using var ownMetadata = metadata;

        var response = await broker.SendAsync($"GET /acct/c/pattern-7 HTTP/1.1\r\nHost: HOST\r\nx-ms-version: {version}\r\n\r\n");

        Assert.Equal(200, response.Status);
        Assert.Equal(7, response.Body.Length);
        Assert.Equal([first, metadata.Tokens[1].Value], broker.Storage.Requests.All.Select(request => request.Bearer));
        Assert.Equal(2, metadata.Requests.Count);
    }

    [Fact]
    public async Task HEAD_has_no_body_to_say_why_and_is_sent_again_as_well()
    {
        var (broker, metadata, _) = await StartAsync();
        await using var ownBroker = broker;
        await using var ownMetadata = metadata;

        var response = await broker.SendAsync("HEAD /acct/c/pattern-7 HTTP/1.1\r\nHost: HOST\r\nx-ms-version: 2021-12-02\r\n\r\n");

        Assert.Equal(200, response.Status);
        Assert.Equal("7", response.Header("Content-Length"));
    }

    [Fact]
    public async Task A_request_whose_body_was_read_is_asked_to_come_again_and_then_succeeds()
    {
        var (broker, metadata, _) = await StartAsync();
        await using var ownBroker = broker;
        await using var ownMetadata = metadata;

        var first = await broker.SendAsync(Put + "Content-Length: 3\r\n\r\nabc");
        Assert.Equal(503, first.Status);
        Assert.Equal("token-replaced", first.Header("x-tokenbroker-reason"));
        Assert.Equal("1", first.Header("Retry-After"));

        Assert.Equal(201, (await broker.SendAsync(Put + "Content-Length: 3\r\n\r\nabc")).Status);
    }

    [Fact]
    public async Task A_body_that_waits_for_100_Continue_and_was_not_read_is_sent_with_the_new_token()
    {
        var (broker, metadata, first) = await StartAsync();
        await using var ownBroker = broker;
        await using var ownMetadata = metadata;
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
        Assert.Equal([first, metadata.Tokens[1].Value], broker.Storage.Requests.All.Select(request => request.Bearer));
    }

    [Fact]
    public async Task The_same_token_again_relays_storages_answer_byte_for_byte()
    {
        var (broker, metadata, first) = await StartAsync(fresh: false);
        await using var ownBroker = broker;
        await using var ownMetadata = metadata;

        var response = await broker.GetAsync("/acct/c/pattern-7");

        Assert.Equal(401, response.Status);
        Assert.Contains("Lifetime validation failed", response.Text, StringComparison.Ordinal);
        Assert.Contains("Bearer", response.Header("WWW-Authenticate"), StringComparison.Ordinal);
        Assert.Null(response.Header("x-tokenbroker-reason"));
        Assert.Equal([first], broker.Storage.Requests.All.Select(request => request.Bearer));
    }

    [Fact]
    public async Task Rejections_ask_for_a_token_at_most_once_in_an_interval_and_the_token_serves_the_other_account()
    {
        var issued = TimeSpan.FromHours(1); // a floor of a minute
        await using var metadata = await ImdsEmulator.StartAsync(new() { ReuseUntilShareLeft = null, RateLimit = null, TokenLifetime = issued });
        await using var broker = await RunningBroker.StartAsync(options => options with
        {
            Accounts = [.. options.Accounts, options.Accounts[0] with { Name = "other", Endpoint = new(options.Accounts[0].Endpoint, "/other") }],
            Tokens = new() { MetadataEndpoint = metadata.BaseAddress },
        });
        await broker.GetAsync("/acct/c/pattern-1");
        broker.Storage.Account().Expire(metadata.Tokens[0].Value);

        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(401, (await broker.GetAsync("/acct/c/pattern-1")).Status);
            Assert.Equal(200, (await broker.GetAsync("/other/c/pattern-1")).Status);
        }

        Assert.Single(metadata.Requests);
    }

    [Theory]
    [InlineData("Issuer validation failed. Issuer did not match.")]
    [InlineData("Audience validation failed. Audience did not match.")]
    public async Task Any_other_401_passes_byte_for_byte_and_leaves_the_token_alone(string detail)
    {
        var (broker, metadata, _) = await StartAsync();
        await using var ownBroker = broker;
        await using var ownMetadata = metadata;
        var body = System.Text.Encoding.UTF8.GetBytes($"\ufeff<Error><Code>InvalidAuthenticationInfo</Code><D>{detail}{new string('x', 20_000)}</D></Error>");
        broker.Storage.AnswerAll(new() { Status = 401, Body = body, Headers = new Dictionary<string, string> { ["WWW-Authenticate"] = "Bearer x" } });

        var response = await broker.GetAsync("/acct/c/pattern-7");

        Assert.Equal(401, response.Status);
        Assert.Equal(body, response.Body);
        Assert.Equal("Bearer x", response.Header("WWW-Authenticate"));
        Assert.Single(metadata.Requests);
    }

    [Fact]
    public async Task The_second_answer_is_final()
    {
        var (broker, metadata, _) = await StartAsync();
        await using var ownBroker = broker;
        await using var ownMetadata = metadata;
        broker.Storage.AnswerAll(PlannedAnswer.Error(401, "InvalidAuthenticationInfo") with { Detail = "Lifetime validation failed." });

        var response = await broker.GetAsync("/acct/c/pattern-7");

        Assert.Equal(401, response.Status);
        Assert.Equal(2, broker.Storage.Requests.Count);
        Assert.Equal(2, metadata.Requests.Count);
    }
}
