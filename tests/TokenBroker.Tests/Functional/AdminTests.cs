using System.Text.Json;
using TokenBroker.Imds.Faults;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Network;
using Xunit;

namespace TokenBroker.Tests.Functional;

public class AdminTests
{
    [Fact]
    public async Task Live_does_not_depend_on_a_token_and_ready_does()
    {
        await using var broker = await RunningBroker.StartAsync(prepare: (metadata, _) => metadata.Inject(Fault.Of(FaultKind.Hang)));

        Assert.Equal(200, (await broker.GetAdminAsync("/health/live")).Status);
        var ready = await broker.GetAdminAsync("/health/ready");
        Assert.Equal(503, ready.Status);
        using (var document = JsonDocument.Parse(ready.Text))
        {
            var account = document.RootElement.GetProperty("accounts")[0];
            Assert.Equal("acct", account.GetProperty("account").GetString());
            Assert.False(account.GetProperty("ready").GetBoolean());
            Assert.Equal("pending", account.GetProperty("reason").GetString());
            Assert.NotEmpty(account.GetProperty("whatToDo").GetString()!);
        }

        broker.Metadata.ClearFaults();
        await Wait.UntilAsync(async () => (await broker.GetAdminAsync("/health/ready")).Status == 200, TimeSpan.FromSeconds(20), "ready");
    }

    [Fact]
    public async Task Metrics_tell_of_tokens_and_requests()
    {
        await using var broker = await RunningBroker.StartAsync();
        await broker.GetAsync("/acct/c/pattern-1");
        await broker.GetAsync("/nobody/c/b");

        // The exporter may answer from a scrape of up to 300 ms ago.
        RawResponse metrics = null!;
        await Wait.UntilAsync(async () =>
        {
            metrics = await broker.GetAdminAsync("/metrics");
            return metrics.Text.Contains("reason=\"account-unknown\"", StringComparison.Ordinal)
                && metrics.Text.Contains("http_response_status_code=\"200\"", StringComparison.Ordinal);
        }, TimeSpan.FromSeconds(10), "both requests are counted");

        Assert.Contains("tokenbroker_token_refreshes_total", metrics.Text, StringComparison.Ordinal);
        Assert.Contains("tokenbroker_token_time_to_expiry_seconds", metrics.Text, StringComparison.Ordinal);
        Assert.Contains("trigger=\"start\"", metrics.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("pattern-1", metrics.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("nobody", metrics.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/health/live", "Sec-Fetch-Site: cross-site\r\n", null, 403)]
    [InlineData("/health/live", "Sec-Fetch-Site: same-site\r\n", null, 403)]
    [InlineData("/metrics", "Sec-Fetch-Site: cross-site\r\n", null, 403)]
    [InlineData("/health/live", "Sec-Fetch-Site: same-origin\r\n", null, 200)]
    [InlineData("/health/live", "Sec-Fetch-Site: none\r\n", null, 200)]
    [InlineData("/health/live", "", "evil.example", 403)]
    [InlineData("/metrics", "", "evil.example", 403)]
    [InlineData("/health/live", "", "acct.localhost", 403)]
    [InlineData("/acct/c/b", "x-ms-version: 2021-12-02\r\n", null, 404)]
    public async Task The_admin_listener_answers_only_whom_it_should(string target, string headers, string? host, int status)
    {
        await using var broker = await RunningBroker.StartAsync();

        var response = await broker.GetAdminAsync(target, headers, host);

        Assert.Equal(status, response.Status);
        Assert.Equal("default-src 'self'; frame-ancestors 'none'", response.Header("Content-Security-Policy"));
        Assert.Null(response.Header("Access-Control-Allow-Origin"));
        Assert.Equal(0, broker.Storage.Requests.Count);
    }

    private static Task<RawResponse> PostAsync(RunningBroker broker, string target, string headers) =>
        RawConnection.ExchangeAsync(broker.Admin,
            $"POST {target} HTTP/1.1\r\nHost: {broker.Admin.Authority}\r\n{headers}Content-Length: 0\r\n\r\n");

    [Theory]
    [InlineData("/tokens/refresh", "", 403)]
    [InlineData("/tokens/refresh", "X-TokenBroker: 0\r\n", 403)]
    [InlineData("/tokens/refresh", "X-TokenBroker: 1\r\nOrigin: http://evil.example\r\n", 403)]
    [InlineData("/tokens/refresh", "X-TokenBroker: 1\r\nOrigin: null\r\n", 403)]
    [InlineData("/tokens/refresh", "X-TokenBroker: 1\r\nSec-Fetch-Site: cross-site\r\n", 403)]
    [InlineData("/health/live", "X-TokenBroker: 1\r\n", 405)]
    public async Task A_page_cannot_make_the_admin_listener_change_anything(string target, string headers, int status)
    {
        await using var broker = await RunningBroker.StartAsync();
        await broker.Metadata.WaitForRequestsAsync(1, TestContext.Current.CancellationToken);

        Assert.Equal(status, (await PostAsync(broker, target, headers)).Status);
        Assert.Equal(405, (await broker.GetAdminAsync("/tokens/refresh", "X-TokenBroker: 1\r\n")).Status);

        Assert.Single(broker.Metadata.Requests);
    }

    [Fact]
    public async Task Refresh_now_says_honestly_what_came_of_it()
    {
        await using var broker = await RunningBroker.StartAsync();
        await broker.GetAsync("/acct/c/pattern-1");

        var unchanged = await PostAsync(broker, "/tokens/refresh", "X-TokenBroker: 1\r\n");
        Assert.Equal(200, unchanged.Status);
        Assert.Contains("\"outcome\":\"unchanged\"", unchanged.Text, StringComparison.Ordinal);
        Assert.Contains("stays in use until", unchanged.Text, StringComparison.Ordinal);

        broker.Metadata.Inject(Fault.Answer(429) with { Count = 1 });
        var failed = await PostAsync(broker, "/tokens/refresh", "X-TokenBroker: 1\r\n");
        Assert.Equal(503, failed.Status);
        Assert.Contains("\"reason\":\"throttled\"", failed.Text, StringComparison.Ordinal);
        Assert.Equal(200, (await broker.GetAdminAsync("/health/ready")).Status);

        broker.Metadata.Inject(Fault.Skewed(TimeSpan.FromMinutes(1)) with { Count = 1 });
        var refreshed = await PostAsync(broker, "/tokens/refresh", "X-TokenBroker: 1\r\n");
        Assert.Contains("\"outcome\":\"refreshed\"", refreshed.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("eyJ", refreshed.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/health/live")]
    [InlineData("/metrics")]
    public async Task The_data_listener_has_no_admin_pages_whatever_its_Host_says(string target)
    {
        await using var broker = await RunningBroker.StartAsync();

        var plain = await broker.GetAsync(target);
        var foreign = await broker.SendAsync($"GET {target} HTTP/1.1\r\nHost: {broker.Admin.Authority}\r\nx-ms-version: 2021-12-02\r\n\r\n");

        Assert.Equal("account-unknown", plain.Header("x-tokenbroker-reason"));
        Assert.Equal("host-not-allowed", foreign.Header("x-tokenbroker-reason"));
    }
}
