using TokenBroker.TestSupport.Network;
using Xunit;

namespace TokenBroker.Tests.Functional;

/// <summary>Requests that must not reach storage, sent raw over a socket. After each, storage has seen nothing.</summary>
public class RefusedRequestTests
{
    private const string Version = "x-ms-version: 2021-12-02\r\n";

    public static TheoryData<string, string, int> Refused => new()
    {
        // addressing
        { $"GET /acct@evil.example/c/b HTTP/1.1\r\nHost: HOST\r\n{Version}\r\n", "account-unknown", 400 },
        { $"GET /acct.evil.example/c/b HTTP/1.1\r\nHost: HOST\r\n{Version}\r\n", "account-unknown", 400 },
        { $"GET /acct:1/c/b HTTP/1.1\r\nHost: HOST\r\n{Version}\r\n", "account-unknown", 400 },
        { $"GET /acct-secondaryX/c/b HTTP/1.1\r\nHost: HOST\r\n{Version}\r\n", "account-unknown", 400 },
        { $"GET /acctX/c/b HTTP/1.1\r\nHost: HOST\r\n{Version}\r\n", "account-unknown", 400 },
        { $"GET /ACCT/c/b HTTP/1.1\r\nHost: HOST\r\n{Version}\r\n", "account-unknown", 400 },
        { $"GET /acc%74/c/b HTTP/1.1\r\nHost: HOST\r\n{Version}\r\n", "name-encoded", 400 },
        { $"GET /acct%2Fc/b HTTP/1.1\r\nHost: HOST\r\n{Version}\r\n", "name-encoded", 400 },
        { $"GET /acct\\c/b HTTP/1.1\r\nHost: HOST\r\n{Version}\r\n", "account-unknown", 400 },
        { $"GET / HTTP/1.1\r\nHost: HOST\r\n{Version}\r\n", "account-missing", 400 },
        { $"GET //acct/c/b HTTP/1.1\r\nHost: HOST\r\n{Version}\r\n", "account-missing", 400 },
        { $"GET /?acct HTTP/1.1\r\nHost: HOST\r\n{Version}\r\n", "account-missing", 400 },
        { $"GET /acct//b HTTP/1.1\r\nHost: HOST\r\n{Version}\r\n", "container-missing", 400 },
        { $"GET /acct/%63/b HTTP/1.1\r\nHost: HOST\r\n{Version}\r\n", "name-encoded", 400 },
        { $"GET /acct/c/../d/b HTTP/1.1\r\nHost: HOST\r\n{Version}\r\n", "dot-segment", 400 },
        { $"GET /acct/c/%2e%2E/d HTTP/1.1\r\nHost: HOST\r\n{Version}\r\n", "dot-segment", 400 },
        { $"GET /acct/c/a%5C..%5Cb HTTP/1.1\r\nHost: HOST\r\n{Version}\r\n", "dot-segment", 400 },
        { $"GET /acct/../other/c/b HTTP/1.1\r\nHost: HOST\r\n{Version}\r\n", "dot-segment", 400 },
        { $"GET /acct/c/b#f HTTP/1.1\r\nHost: HOST\r\n{Version}\r\n", "target-character", 400 },
        { $"GET /acct/c/a\rb HTTP/1.1\r\nHost: HOST\r\n{Version}\r\n", "target-character", 400 },
        { $"GET /acct/c/a\tb HTTP/1.1\r\nHost: HOST\r\n{Version}\r\n", "target-character", 400 },
        { $"GET /acct/c/a\x7f HTTP/1.1\r\nHost: HOST\r\n{Version}\r\n", "target-character", 400 },
        { $"GET /acct/c?%63omp=list HTTP/1.1\r\nHost: HOST\r\n{Version}\r\n", "parameter-encoded", 400 },
        { $"GET /acct/c?comp=list&comp=acl HTTP/1.1\r\nHost: HOST\r\n{Version}\r\n", "parameter-repeated", 400 },
        { $"GET http://HOST/acct/c/b HTTP/1.1\r\nHost: HOST\r\n{Version}\r\n", "target-form", 400 },
        { $"OPTIONS * HTTP/1.1\r\nHost: HOST\r\n{Version}\r\n", "method-not-allowed", 405 },
        { $"GET /acct/c/%u002e%u002e/d HTTP/1.1\r\nHost: HOST\r\n{Version}\r\n", "target-escape", 400 },
        // who asks
        { $"GET /acct/c/b HTTP/1.1\r\nHost: \r\n{Version}\r\n", "host-missing", 400 },
        { $"GET /acct/c/b HTTP/1.0\r\n{Version}\r\n", "host-missing", 400 },
        { $"GET /acct/c/b HTTP/1.1\r\nHost: evil.example\r\n{Version}\r\n", "host-not-allowed", 403 },
        { $"GET /acct/c/b HTTP/1.1\r\nHost: acct.blob.core.windows.net\r\n{Version}\r\n", "host-not-allowed", 403 },
        { $"GET /acct/c/b HTTP/1.1\r\nHost: localhost:1\r\n{Version}\r\n", "host-not-allowed", 403 },
        { $"GET /acct/c/b HTTP/1.1\r\nHost: HOST\r\nOrigin: http://evil.example\r\n{Version}\r\n", "browser-request", 403 },
        { $"GET /acct/c/b HTTP/1.1\r\nHost: HOST\r\norigin: null\r\n{Version}\r\n", "browser-request", 403 },
        { $"GET /acct/c/b HTTP/1.1\r\nHost: HOST\r\nSec-Fetch-Site: none\r\n{Version}\r\n", "browser-request", 403 },
        { $"GET /acct/c/b HTTP/1.1\r\nHost: HOST\r\nSec-Fetch-Dest: image\r\n{Version}\r\n", "browser-request", 403 },
        { $"GET /acct/c/b HTTP/1.1\r\nHost: HOST\r\nX-Forwarded-For: 127.0.0.1\r\n{Version}\r\n", "forwarded-request", 403 },
        { $"GET /acct/c/b HTTP/1.1\r\nHost: HOST\r\nx-forwarded-host: x\r\n{Version}\r\n", "forwarded-request", 403 },
        { $"GET /acct/c/b HTTP/1.1\r\nHost: HOST\r\nForwarded: for=1\r\n{Version}\r\n", "forwarded-request", 403 },
        { $"GET /acct/c/b HTTP/1.1\r\nHost: HOST\r\nVia: 1.1 x\r\n{Version}\r\n", "forwarded-request", 403 },
        { "GET /acct/c/b HTTP/1.1\r\nHost: HOST\r\n\r\n", "version-missing", 400 },
        { "GET /acct/c/b HTTP/1.1\r\nHost: HOST\r\nx-ms-version: \r\n\r\n", "version-missing", 400 },
        { $"OPTIONS /acct/c/b HTTP/1.1\r\nHost: HOST\r\n{Version}\r\n", "method-not-allowed", 405 },
        { $"PATCH /acct/c/b HTTP/1.1\r\nHost: HOST\r\n{Version}Content-Length: 0\r\n\r\n", "method-not-allowed", 405 },
        { $"TRACE /acct/c/b HTTP/1.1\r\nHost: HOST\r\n{Version}\r\n", "method-not-allowed", 405 },
        { $"get /acct/c/b HTTP/1.1\r\nHost: HOST\r\n{Version}\r\n", "method-not-allowed", 405 },
        // how it is framed
        { $"GET /acct/c/b HTTP/1.1\r\nHost: HOST\r\n{Version}x-ms-version: 2017-11-09\r\n\r\n", "header-repeated", 400 },
        { $"GET /acct/c/b HTTP/1.1\r\nHost: HOST\r\n{Version}Range: bytes=0-1\r\nRange: bytes=2-3\r\n\r\n", "header-repeated", 400 },
        { $"GET /acct/c/b HTTP/1.1\r\nHost: HOST\r\n{Version}x-ms-meta-a: 1\r\nx-ms-meta-a: 2\r\n\r\n", "header-repeated", 400 },
        { $"PUT /acct/c/b HTTP/1.1\r\nHost: HOST\r\n{Version}x-ms-blob-type: BlockBlob\r\nx-ms-meta-a(b): 1\r\nContent-Length: 0\r\n\r\n", "header-name", 400 },
        { $"GET /acct/c/b HTTP/1.1\r\nHost: HOST\r\n{Version}If-Match\x01: *\r\n\r\n", "header-name", 400 },
        { $"PUT /acct/c/b HTTP/1.1\r\nHost: HOST\r\n{Version}Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", "length-ambiguous", 400 },
        { $"GET /acct/c/b HTTP/1.1\r\nHost: HOST\r\n{Version}Connection: x-ms-version\r\n\r\n", "connection-header", 400 },
        { $"GET /acct/c/b HTTP/1.1\r\nHost: HOST\r\n{Version}Connection: close, x-ms-version\r\n\r\n", "connection-header", 400 },
        { $"PUT /acct/c/b HTTP/1.1\r\nHost: HOST\r\n{Version}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "transfer-coding", 400 },
        { $"GET /acct/c/b HTTP/1.1\r\nHost: HOST\r\n{Version}Connection: Upgrade, x-ms-version\r\n\r\n", "connection-header", 400 },
        { $"POST /acct/?comp=batch HTTP/1.1\r\nHost: HOST\r\n{Version}Content-Length: 0\r\n\r\n", "batch-malformed", 400 },
        { $"POST /acct/c?restype=container&comp=b%61tch HTTP/1.1\r\nHost: HOST\r\n{Version}Content-Length: 0\r\n\r\n", "batch-malformed", 400 },
        { $"POST /acct/?restype=service&comp=userdelegationkey HTTP/1.1\r\nHost: HOST\r\n{Version}Content-Length: 0\r\n\r\n", "delegation-key", 403 },
        { $"POST /acct/?restype=service&comp=%75serDelegation%254bey HTTP/1.1\r\nHost: HOST\r\n{Version}Content-Length: 0\r\n\r\n", "delegation-key", 403 },
        { $"POST /acct/?x=1;restype=service;comp=userdelegationkey HTTP/1.1\r\nHost: HOST\r\n{Version}Content-Length: 0\r\n\r\n", "delegation-key", 403 },
        { $"PUT /acct/c/b HTTP/1.1\r\nHost: HOST\r\n{Version}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "transfer-coding", 400 },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task It_is_refused_with_its_reason_and_storage_sees_nothing(string request, string reason, int status)
    {
        await using var broker = await RunningBroker.StartAsync();

        var response = await broker.SendAsync(request);

        Assert.Equal(status, response.Status);
        Assert.Equal(reason, response.Header("x-tokenbroker-reason"));
        AssertIsStorageError(response);
        Assert.Equal(0, broker.Storage.Requests.Count);
    }

    /// <summary>What Kestrel refuses by itself, before any of our code runs: an error all the same, and nothing is sent.</summary>
    [Theory]
    [InlineData("GET /acct/c/b HTTP/1.1\r\n\r\n")]
    [InlineData("GET /acct/c/b HTTP/1.1\r\nHost: HOST\r\nHost: HOST\r\n\r\n")]
    [InlineData("GET http://evil.example/acct/c/b HTTP/1.1\r\nHost: HOST\r\n\r\n")]
    [InlineData("CONNECT storage:443 HTTP/1.1\r\nHost: HOST\r\n\r\n")]
    [InlineData("GET /acct/c/a%00b HTTP/1.1\r\nHost: HOST\r\n\r\n")]
    [InlineData("GET /acct/c/ä HTTP/1.1\r\nHost: HOST\r\n\r\n")]
    [InlineData("GET /acct/c/a b HTTP/1.1\r\nHost: HOST\r\n\r\n")]
    [InlineData("GET * HTTP/1.1\r\nHost: HOST\r\n\r\n")]
    [InlineData("PUT /acct/c/b HTTP/1.1\r\nHost: HOST\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab")]
    [InlineData("PUT /acct/c/b HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: gzip\r\n\r\n")]
    [InlineData("GET /acct/c/b HTTP/1.1\r\nHost: HOST\r\nx-ms-version : 2021-12-02\r\n\r\n")]
    [InlineData("GET /acct/c/b HTTP/1.1\r\nHost: HOST\r\nx-ms-meta-a: b\r\n c\r\n\r\n")]
    [InlineData("PUT /acct/c/b HTTP/1.1\r\nHost: HOST\r\nx-ms-version: 2021-12-02\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nab")]
    [InlineData("PUT /acct/c/b HTTP/1.1\r\nHost: HOST\r\nx-ms-version: 2021-12-02\r\nContent-Length: 2, 2\r\n\r\nab")]
    [InlineData("PUT /acct/c/b HTTP/1.1\r\nHost: HOST\r\nx-ms-version: 2021-12-02\r\nContent\rLength: 2\r\n\r\nab")]
    [InlineData("GET /acct/c/b HTTP/1.1\r\nHost: HOST\r\nx-ms-version: 2021-12-02\r\n x-ms-meta-a: c\r\n\r\n")]
    [InlineData("GET /acct/c/b HTTP/1.1\r\nHost: HOST\r\nx-ms-version: 2021-12-02\r\nx-ms-meta-a: b\rx-ms-meta-c: d\r\n\r\n")]
    [InlineData("GET /acct/c/b HTTP/1.1\r\nHost: HOST\r\nx-ms-version: 2021-12-02\r\nx-ms-meta-a: b\0c\r\n\r\n")]
    [InlineData("GET /acct/c/b HTTP/1.1\r\nHost: HOST, HOST\r\nx-ms-version: 2021-12-02\r\n\r\n")]
    public async Task A_request_that_is_not_HTTP_gets_no_further(string request)
    {
        await using var broker = await RunningBroker.StartAsync();

        var response = await broker.SendAsync(request);

        Assert.InRange(response.Status, 400, 499);
        Assert.True(broker.Storage.Requests.Count == 0, $"Storage has seen: {request}");
    }

    [Fact]
    public async Task The_preface_of_HTTP_2_is_answered_with_the_end_of_the_connection()
    {
        await using var broker = await RunningBroker.StartAsync();
        await using var connection = await RawConnection.OpenAsync(broker.Data);

        await connection.SendAsync($"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nGET /acct/c/b HTTP/1.1\r\nHost: {broker.Data.Authority}\r\n{Version}\r\n");

        await Assert.ThrowsAnyAsync<IOException>(() => connection.ReadResponseAsync());
        Assert.Equal(0, broker.Storage.Requests.Count);
    }

    [Fact]
    public async Task A_refusal_of_HEAD_has_headers_and_no_body()
    {
        await using var broker = await RunningBroker.StartAsync();
        await using var connection = await RawConnection.OpenAsync(broker.Data);
        var request = $"HEAD /nobody/c/b HTTP/1.1\r\nHost: {broker.Data.Authority}\r\n{Version}x-ms-client-request-id: abc\r\n\r\n";

        for (var i = 0; i < 2; i++)
        {
            await connection.SendAsync(request);
            var response = await connection.ReadResponseAsync(toHead: true);
            Assert.Equal("account-unknown", response.Header("x-tokenbroker-reason"));
            Assert.Equal("InvalidUri", response.Header("x-ms-error-code"));
            // There is no body to say it in, and SDKs show this.
            Assert.EndsWith(TokenBroker.Proxy.Refusal.AccountUnknown.Sentence, response.StatusLine, StringComparison.Ordinal);
            Assert.Equal("abc", response.Header("x-ms-client-request-id"));
        }
    }

    [Fact]
    public async Task A_client_that_sends_slowly_and_looks_late_still_sees_its_refusal()
    {
        await using var broker = await RunningBroker.StartAsync();
        await using var connection = await RawConnection.OpenAsync(broker.Data);
        const int Length = 4 * 1024 * 1024;
        await connection.SendAsync($"PUT /nobody/c/b HTTP/1.1\r\nHost: {broker.Data.Authority}\r\n{Version}Content-Length: {Length}\r\n\r\n");

        // Longer than Kestrel itself would read on.
        for (var sent = 0; sent < Length; sent += Length / 16)
        {
            await connection.SendAsync(new byte[Length / 16]);
            var since = TimeProvider.System.GetTimestamp();
            await TokenBroker.TestSupport.Wait.UntilAsync(
                () => TimeProvider.System.GetElapsedTime(since) > TimeSpan.FromSeconds(0.45), TimeSpan.FromSeconds(60), "a slow client's pause");
        }

        Assert.Equal("account-unknown", (await connection.ReadResponseAsync()).Header("x-tokenbroker-reason"));
    }

    [Fact]
    public async Task The_check_for_the_version_can_be_lifted_by_an_unsafe_option()
    {
        await using var broker = await RunningBroker.StartAsync(options =>
            options with { Caller = new() { UnsafeAllowMissingVersion = true } });

        var response = await broker.SendAsync("GET /acct/c/pattern-10 HTTP/1.1\r\nHost: HOST\r\n\r\n");

        Assert.Equal(200, response.Status);
        Assert.Equal("2021-12-02", (await broker.Storage.Requests.FirstAsync(_ => true, TimeSpan.FromSeconds(10))).Header("x-ms-version"));
    }

    private static void AssertIsStorageError(RawResponse response)
    {
        Assert.Equal("application/xml", response.Header("Content-Type"));
        Assert.True(Guid.TryParse(response.Header("x-ms-request-id"), out _));
        var error = System.Xml.Linq.XDocument.Parse(response.Text).Root!;
        Assert.Equal("Error", error.Name);
        Assert.Equal(response.Header("x-ms-error-code"), error.Element("Code")!.Value);
        Assert.Contains(response.Header("x-tokenbroker-reason")!, error.Element("Message")!.Value, StringComparison.Ordinal);
        Assert.Null(response.Header("Server"));
        Assert.Null(response.Header("WWW-Authenticate"));
    }
}
