using System.Net;
using TokenBroker.Configuration;
using TokenBroker.Imds;
using TokenBroker.Imds.Faults;
using TokenBroker.Imds.Identities;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Network;
using TokenBroker.TestSupport.Storage;
using Xunit;

namespace TokenBroker.Tests.Functional;

public class FailureTests
{
    private static void AssertRetryable(RawResponse response, string reason)
    {
        Assert.Equal(503, response.Status);
        Assert.Equal(reason, response.Header("x-tokenbroker-reason"));
        Assert.Equal("ServerBusy", response.Header("x-ms-error-code"));
        Assert.InRange(int.Parse(response.Header("Retry-After")!, System.Globalization.CultureInfo.InvariantCulture), 1, 3600);
    }

    [Theory]
    [InlineData("GET", "", false)]
    [InlineData("GET", "", true)]
    [InlineData("PUT", "abc", false)]
    [InlineData("PUT", "abc", true)]
    public async Task Storage_that_breaks_the_connection_before_its_answer_is_a_503_that_SDKs_retry(string method, string body, bool closes)
    {
        await using var broker = await RunningBroker.StartAsync(prepare: (_, storage) => storage.AnswerNext(PlannedAnswer.Reset with { Closes = closes }, times: 5));
        AssertRetryable(await broker.SendAsync($"{method} /acct/c/b HTTP/1.1\r\nHost: HOST\r\nx-ms-version: 2021-12-02\r\n"
            + $"x-ms-blob-type: BlockBlob\r\nContent-Length: {body.Length}\r\n\r\n{body}"), "upstream-broken");
    }

    [Fact]
    public async Task Storage_that_cannot_be_reached_is_a_503_that_SDKs_retry()
    {
        await using var broker = await RunningBroker.StartAsync(options =>
            options with { Accounts = [new() { Name = "acct", Endpoint = new("https://127.0.0.1:1/acct") }] });
        AssertRetryable(await broker.GetAsync("/acct/c/b"), "upstream-unreachable");
    }

    [Fact]
    public async Task A_certificate_that_is_not_trusted_gets_no_token()
    {
        await using var broker = await RunningBroker.StartAsync(options => options with { Upstream = new() });

        AssertRetryable(await broker.GetAsync("/acct/c/b"), "upstream-untrusted");

        Assert.Equal(0, broker.Storage.Requests.Count);
    }

    [Fact]
    public async Task A_certificate_of_another_name_gets_no_token_even_from_a_trusted_authority()
    {
        await using var storage = await StrictStorage.StartAsync(new() { Certificates = Certificates.Create("elsewhere.example") });
        using var directory = new TemporaryDirectory();
        var authority = storage.Certificates!.WriteTo(directory.Path).Authority;
        await using var broker = await RunningBroker.StartAsync(options => options with
        {
            Accounts = [RunningBroker.AccountAt(storage, "acct")],
            Upstream = new() { CertificateAuthorityFile = authority },
        });

        AssertRetryable(await broker.GetAsync("/acct/c/b"), "upstream-untrusted");
        Assert.Equal(0, storage.Requests.Count);
    }

    [Fact]
    public async Task An_account_whose_address_is_the_sidecar_is_not_dialled()
    {
        await using var broker = await RunningBroker.StartAsync(options => options with
        {
            Listen = [new(IPAddress.Parse("127.0.0.1"), 0)],
            Accounts = [options.Accounts[0] with { ConnectTo = null, Endpoint = new("https://127.0.0.1:1/acct") }],
        });
        // The listener's port is known only now, so the account's address is bent by its own connect target.
        await using var looped = await RunningBroker.StartAsync(options => options with
        {
            Admin = new(IPAddress.Parse("127.0.0.3"), 0),
            Listen = [new(IPAddress.Parse("127.0.0.3"), broker.Data.Port)],
            Accounts = [options.Accounts[0] with { ConnectTo = new("127.0.0.3", broker.Data.Port) }],
        });

        AssertRetryable(await looped.GetAsync("/acct/c/b"), "upstream-is-sidecar");
    }

    [Fact]
    public async Task A_connection_goes_where_ConnectTo_says_and_is_still_checked_against_the_accounts_name()
    {
        await using var storage = await StrictStorage.StartAsync(new() { Names = ["acct.blob.example"] });
        using var directory = new TemporaryDirectory();
        var authority = storage.Certificates!.WriteTo(directory.Path).Authority;
        await using var broker = await RunningBroker.StartAsync(options => options with
        {
            Accounts = [new() { Name = "acct", Endpoint = new("https://acct.blob.example"), ConnectTo = new("127.0.0.1", storage.Address.Port) }],
            Upstream = new() { CertificateAuthorityFile = authority },
        });

        var response = await broker.SendAsync(
            "GET /c/pattern-1 HTTP/1.1\r\nHost: acct.blob.example\r\nx-ms-version: 2021-12-02\r\n\r\n");

        Assert.Equal(200, response.Status);
        Assert.Equal("acct.blob.example", Assert.Single(storage.Requests.All).Header("Host"));
        Assert.Equal("/c/pattern-1", Assert.Single(storage.Requests.All).RawTarget);
    }

    [Theory]
    [InlineData(400, "invalid_request", "token-identity-not-assigned")]
    [InlineData(403, null, "token-refused")]
    [InlineData(410, null, "token-updating")]
    [InlineData(429, null, "token-throttled")]
    [InlineData(500, null, "token-endpoint-failing")]
    public async Task Without_a_token_the_answer_is_503_with_the_reason_and_nothing_is_sent(int status, string? error, string reason)
    {
        await using var broker = await RunningBroker.StartAsync(
            options => options with { Tokens = options.Tokens with { FirstTokenWait = TimeSpan.FromMilliseconds(200) } },
            (metadata, _) => metadata.Inject(Fault.Answer(status, TimeSpan.FromSeconds(30)) with { Error = error }));
        await broker.Metadata.WaitForRequestsAsync(1, TestContext.Current.CancellationToken);
        RawResponse response;
        do
            response = await broker.GetAsync("/acct/c/b");
        while (response.Header("x-tokenbroker-reason") == "token-pending");

        AssertRetryable(response, reason);
        Assert.Equal(0, broker.Storage.Requests.Count);
        var ready = await broker.GetAdminAsync("/health/ready");
        Assert.Equal(503, ready.Status);
        Assert.Contains(reason["token-".Length..], ready.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_without_a_metadata_endpoint_is_told_so()
    {
        await using var broker = await RunningBroker.StartAsync(options => options with
        {
            Tokens = new() { MetadataEndpoint = new("http://127.0.0.1:1"), FirstTokenWait = TimeSpan.FromMilliseconds(100) },
        });
        await Wait.UntilAsync(async () => (await broker.GetAsync("/acct/c/b")).Header("x-tokenbroker-reason") == "token-no-identity-on-host",
            TimeSpan.FromSeconds(10), "the reason is known");
    }

    [Fact]
    public async Task Each_account_is_served_with_its_own_identity()
    {
        var other = new TokenBroker.Configuration.IdentitySelector(TokenBroker.Configuration.IdentityKind.ClientId, EmulatedIdentity.User("two").ClientId.ToString());
        await using var metadata = await ImdsEmulator.StartAsync(new()
        {
            Identities = [EmulatedIdentity.System(), EmulatedIdentity.User("two")],
        });
        await using var broker = await RunningBroker.StartAsync(options => options with
        {
            Accounts = [.. options.Accounts, options.Accounts[0] with { Name = "other", Endpoint = new(options.Accounts[0].Endpoint, "/other"), Identity = other }],
            Tokens = new() { MetadataEndpoint = metadata.BaseAddress },
        });

        await broker.GetAsync("/acct/c/pattern-1");
        await broker.GetAsync("/other/c/pattern-1");

        var seen = broker.Storage.Requests.All;
        Assert.Equal(metadata.Tokens.Single(token => token.Identity == "system").Value, seen.Single(request => request.Account == "acct").Bearer);
        Assert.Equal(metadata.Tokens.Single(token => token.Identity == "two").Value, seen.Single(request => request.Account == "other").Bearer);
    }
}
