using System.Text;
using TokenBroker.TestSupport.Network;
using TokenBroker.TestSupport.Storage;
using Xunit;

namespace TokenBroker.Tests.TestSupport;

/// <summary>The stub refuses what Azure refuses: a test that passes on it proves something.</summary>
public sealed class StrictStorageAuthenticationTests : IAsyncLifetime
{
    private static readonly string Token = UnsignedToken.Create(TimeProvider.System.GetUtcNow().AddHours(1));

    private StrictStorage _storage = null!;

    public async ValueTask InitializeAsync()
    {
        _storage = await StrictStorage.StartAsync(new StrictStorageOptions
        {
            Accounts = [new("acct"), new("foreign") { Issuer = "https://sts.windows.net/another/" }, new("cloud") { Audience = "https://elsewhere.example" }, new("secure") { RequiresHttps = true }],
            Https = false,
        });
        _storage.Account().CreateContainer("c");
    }

    public ValueTask DisposeAsync() => _storage.DisposeAsync();

    [Theory]
    // scheme, version → status, code, detail
    [InlineData("", "2021-12-02", 401, "NoAuthenticationInformation", "")]
    [InlineData("", "2019-07-07", 404, "ResourceNotFound", "")]
    [InlineData("", "", 404, "ResourceNotFound", "")]
    [InlineData("bearer", "", 403, "AuthenticationFailed", "Authentication scheme Bearer is not supported in this version.")]
    [InlineData("bearer", "2017-07-29", 403, "AuthenticationFailed", "Authentication scheme Bearer is not supported in this version.")]
    [InlineData("bearer", "yesterday", 400, "InvalidHeaderValue", "")]
    [InlineData("bearer", "2017-11-09", 404, "BlobNotFound", "")]
    [InlineData("expired", "2021-12-02", 401, "InvalidAuthenticationInfo", "Lifetime validation failed. The token is expired.")]
    [InlineData("expired", "2018-11-09", 403, "AuthenticationFailed", "Lifetime validation failed. The token is expired.")]
    [InlineData("SharedKey acct:c2ln", "2021-12-02", 403, "AuthenticationFailed", "MAC signature")]
    [InlineData("Bearer", "2021-12-02", 400, "InvalidAuthenticationInfo", "")]
    [InlineData("Bearer opaque", "2021-12-02", 401, "InvalidAuthenticationInfo", "Signature validation failed")]
    public async Task Credential_is_judged_by_kind_and_version(string credential, string version, int status, string code, string detail)
    {
        var response = await GetAsync("/acct/c/b", Authorization(credential), version);

        Assert.Equal(status, response.Status);
        Assert.Equal(code, response.Header("x-ms-error-code"));
        Assert.Contains(detail, response.Text);
        Assert.Equal(status == 401, response.Header("WWW-Authenticate")?.StartsWith("Bearer authorization_uri=https://login.microsoftonline.com/", StringComparison.Ordinal) ?? false);
    }

    [Theory]
    [InlineData("foreign", 401, "Issuer validation failed. Issuer did not match.")]
    [InlineData("cloud", 401, "Audience validation failed. Audience did not match.")]
    [InlineData("secure", 400, "The account being accessed does not support http.")]
    [InlineData("nobody", 400, "InvalidUri")]
    public async Task Each_account_has_its_own_rules(string account, int status, string text)
    {
        var response = await GetAsync($"/{account}/c/b", $"Bearer {Token}", "2021-12-02");

        Assert.Equal(status, response.Status);
        Assert.Contains(text, response.Text);
    }

    [Theory]
    [InlineData("sv=2021-12-02&sig=AAAA")]
    [InlineData("rscd=attachment")]
    [InlineData("SKOID=x")]
    public async Task Sas_parameter_beside_a_bearer_is_refused(string query)
    {
        var response = await GetAsync($"/acct/c/b?{query}", $"Bearer {Token}", "2021-12-02");

        Assert.Equal(403, response.Status);
        Assert.Equal("AuthenticationFailed", response.Header("x-ms-error-code"));
    }

    [Fact]
    public async Task Token_that_storage_declares_expired_is_refused_from_then_on()
    {
        Assert.Equal(404, (await GetAsync("/acct/c/b", $"Bearer {Token}", "2021-12-02")).Status);

        _storage.Account().Expire(Token);

        Assert.Contains("Lifetime validation failed", (await GetAsync("/acct/c/b", $"Bearer {Token}", "2021-12-02")).Text);
    }

    [Theory]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n")]
    [InlineData("\r\n")]
    public async Task Upload_without_a_length_is_refused(string rest)
    {
        var response = await RawConnection.ExchangeAsync(_storage.Address,
            $"PUT /acct/c/b HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {Token}\r\nx-ms-version: 2021-12-02\r\nx-ms-blob-type: BlockBlob\r\n{rest}");

        Assert.Equal(411, response.Status);
        Assert.Equal("MissingContentLengthHeader", response.Header("x-ms-error-code"));
    }

    [Theory]
    [InlineData("2018-11-09", 268_435_457, 413)]
    [InlineData("2021-12-02", 268_435_457, 100)]
    public async Task Upload_larger_than_its_version_allows_is_refused_before_it_is_read(string version, long length, int status)
    {
        var response = await RawConnection.ExchangeAsync(_storage.Address,
            $"PUT /acct/c/b HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {Token}\r\nx-ms-version: {version}\r\nx-ms-blob-type: BlockBlob\r\nContent-Length: {length}\r\nExpect: 100-continue\r\n\r\n");

        Assert.Equal(status, response.Status);
    }

    [Fact]
    public async Task Error_looks_as_storage_writes_it()
    {
        var response = await RawConnection.ExchangeAsync(_storage.Address,
            "GET /acct/c/b HTTP/1.1\r\nHost: x\r\nx-ms-version: 2021-12-02\r\nx-ms-client-request-id: mine\r\n\r\n");

        Assert.Equal("Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0", response.Header("Server"));
        Assert.Equal("mine", response.Header("x-ms-client-request-id"));
        Assert.Equal("2021-12-02", response.Header("x-ms-version"));
        Assert.Equal("application/xml", response.Header("Content-Type"));
        Assert.Equal(Encoding.UTF8.Preamble, response.Body.AsSpan(0, 3));
        Assert.Contains($"RequestId:{response.Header("x-ms-request-id")}", response.Text);
    }

    [Fact]
    public async Task Error_of_a_head_request_is_in_its_headers_alone()
    {
        var response = await RawConnection.ExchangeAsync(_storage.Address, "HEAD /acct/c/b HTTP/1.1\r\nHost: x\r\nx-ms-version: 2021-12-02\r\n\r\n");

        Assert.Equal(401, response.Status);
        Assert.Equal("NoAuthenticationInformation", response.Header("x-ms-error-code"));
        Assert.Null(response.Header("Content-Type"));
    }

    private static string Authorization(string credential) => credential switch
    {
        "bearer" => $"Bearer {Token}",
        "expired" => $"Bearer {UnsignedToken.Create(TimeProvider.System.GetUtcNow().AddSeconds(-1))}",
        _ => credential,
    };

    private Task<RawResponse> GetAsync(string target, string authorization, string version)
    {
        var headers = (authorization.Length > 0 ? $"Authorization: {authorization}\r\n" : "") + (version.Length > 0 ? $"x-ms-version: {version}\r\n" : "");
        return RawConnection.ExchangeAsync(_storage.Address, $"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}\r\n");
    }
}
