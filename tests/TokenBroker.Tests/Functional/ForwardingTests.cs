using System.Security.Cryptography;
using System.Text;
using TokenBroker.TestSupport.Network;
using TokenBroker.TestSupport.Storage;
using Xunit;

namespace TokenBroker.Tests.Functional;

public class ForwardingTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_request_reaches_storage_with_the_token_and_without_the_clients_own_signature()
    {
        await using var broker = await RunningBroker.StartAsync();

        var response = await broker.GetAsync("/acct/c/pattern-5?sv=2021-06-08&timeout=5&sig=abc%3D&x=%2f",
            "Authorization: SharedKey acct:abc\r\nCookie: a=b\r\nProxy-Authorization: Basic x\r\nProxy-Foo: x\r\nx-ms-client-request-id: id-1\r\nUser-Agent: test\r\n");

        Assert.Equal(200, response.Status);
        Assert.Equal(5, response.Body.Length);
        Assert.Equal("id-1", response.Header("x-ms-client-request-id"));
        var seen = Assert.Single(broker.Storage.Requests.All);
        Assert.Equal("/acct/c/pattern-5?timeout=5&x=%2f", seen.RawTarget);
        Assert.Equal("Bearer " + Assert.Single(broker.Metadata.Tokens).Value, seen.Header("Authorization"));
        Assert.Equal(broker.Storage.Address.Authority, seen.Header("Host"));
        Assert.Equal("test", seen.Header("User-Agent"));
        foreach (var name in new[] { "Cookie", "Proxy-Authorization", "Proxy-Foo", "X-Forwarded-For", "X-Forwarded-Host", "Via", "traceparent", "Request-Id" })
            Assert.Null(seen.Header(name));
    }

    [Theory]
    [InlineData("/acct/c/a%2Fb", "/acct/c/a%2Fb")]
    [InlineData("/acct/c/a//b", "/acct/c/a//b")]
    [InlineData("/acct/c//lead", "/acct/c//lead")]
    [InlineData("/acct/c/%7e%41%2B+%20%25", "/acct/c/%7e%41%2B+%20%25")]
    [InlineData("/acct/c/%C3%28[x]'!", "/acct/c/%C3%28[x]'!")]
    [InlineData("/acct/c/trailing.", "/acct/c/trailing.")]
    [InlineData("/acct/%24root/b", "/acct/%24root/b")]
    [InlineData("/acct/c/a%5Cb;v=1", "/acct/c/a%5Cb;v=1")]
    [InlineData("/acct?comp=list", "/acct?comp=list")]
    [InlineData("/acct/?comp=list", "/acct/?comp=list")]
    [InlineData("/acct/c?restype=container&comp=list&prefix=%2f&&", "/acct/c?restype=container&comp=list&prefix=%2f&&")]
    [InlineData("/acct-secondary/c/b", "/acct-secondary/c/b")]
    public async Task Storage_receives_the_very_bytes_of_the_target(string target, string received)
    {
        await using var broker = await RunningBroker.StartAsync();

        await broker.GetAsync(target);

        Assert.Equal(received, Assert.Single(broker.Storage.Requests.All).RawTarget);
    }

    [Theory]
    [InlineData("acct.localhost", "/acct/c/pattern-1")]
    [InlineData("acct.blob.localhost", "/acct/c/pattern-1")]
    public async Task A_host_style_Host_decides_before_the_path(string host, string received)
    {
        await using var broker = await RunningBroker.StartAsync();

        var response = await broker.SendAsync(
            $"GET /c/pattern-1 HTTP/1.1\r\nHost: {host}:{broker.Data.Port}\r\nx-ms-version: 2021-12-02\r\n\r\n");

        Assert.Equal(200, response.Status);
        Assert.Equal(received, Assert.Single(broker.Storage.Requests.All).RawTarget);
    }

    [Fact]
    public async Task HTTP_1_0_with_a_Host_is_served()
    {
        await using var broker = await RunningBroker.StartAsync();

        var response = await broker.SendAsync("GET /acct/c/pattern-9 HTTP/1.0\r\nHost: HOST\r\nx-ms-version: 2021-12-02\r\n\r\n");

        Assert.Equal(200, response.Status);
        Assert.Equal(9, response.Body.Length);
    }

    [Fact]
    public async Task Metadata_passes_as_Latin_1_in_both_directions()
    {
        await using var broker = await RunningBroker.StartAsync();

        var put = await broker.SendAsync("PUT /acct/c/b HTTP/1.1\r\nHost: HOST\r\nx-ms-version: 2021-12-02\r\n"
            + "x-ms-blob-type: BlockBlob\r\nx-ms-meta-word: \xfc\xe9\r\nContent-Length: 3\r\n\r\nabc");
        Assert.Equal(201, put.Status);
        await using var connection = await RawConnection.OpenAsync(broker.Data);
        await connection.SendAsync($"HEAD /acct/c/b HTTP/1.1\r\nHost: {broker.Data.Authority}\r\nx-ms-version: 2021-12-02\r\n\r\n");
        var head = await connection.ReadResponseAsync(toHead: true);

        Assert.Equal("\xfc\xe9", broker.Storage.Requests.All[0].Header("x-ms-meta-word"));
        Assert.Equal("\xfc\xe9", head.Header("x-ms-meta-word"));
        Assert.Equal("3", head.Header("Content-Length"));
    }

    [Fact]
    public async Task Storages_own_answer_passes_unchanged()
    {
        await using var broker = await RunningBroker.StartAsync(prepare: (_, storage) => storage.AnswerAll(new()
        {
            Status = 206,
            Body = "body"u8.ToArray(),
            Headers = new Dictionary<string, string>
            {
                ["Server"] = "Windows-Azure-Blob/1.0",
                ["Content-Range"] = "bytes 0-3/9",
                ["ETag"] = "\"0x1\"",
                ["x-unknown"] = "kept",
            },
        }));

        var response = await broker.GetAsync("/acct/c/b");

        Assert.Equal(206, response.Status);
        Assert.Equal("body", response.Text);
        Assert.Equal("Windows-Azure-Blob/1.0", response.Header("Server"));
        Assert.Equal("bytes 0-3/9", response.Header("Content-Range"));
        Assert.Equal("\"0x1\"", response.Header("ETag"));
        Assert.Equal("kept", response.Header("x-unknown"));
        Assert.Null(response.Header("x-tokenbroker-reason"));
    }

    [Fact]
    public async Task Storages_error_passes_with_its_own_code()
    {
        await using var broker = await RunningBroker.StartAsync();

        var response = await broker.GetAsync("/acct/c/nothing");

        Assert.Equal(404, response.Status);
        Assert.Equal("BlobNotFound", response.Header("x-ms-error-code"));
        Assert.Null(response.Header("x-tokenbroker-reason"));
    }

    [Fact]
    public async Task Nothing_on_the_way_redirects_a_token()
    {
        await using var elsewhere = await StrictStorage.StartAsync();
        await using var broker = await RunningBroker.StartAsync(prepare: (_, storage) => storage.AnswerAll(new()
        {
            Status = 307,
            Headers = new Dictionary<string, string> { ["Location"] = elsewhere.EndpointOf().AbsoluteUri },
        }));

        var response = await broker.GetAsync("/acct/c/b");

        Assert.Equal(307, response.Status);
        Assert.Equal(0, elsewhere.Requests.Count);
    }

    [Fact]
    public async Task A_body_is_streamed_and_not_gathered()
    {
        await using var broker = await RunningBroker.StartAsync();
        await using var connection = await RawConnection.OpenAsync(broker.Data);
        var body = RandomNumberGenerator.GetBytes(200_000);

        await connection.SendAsync($"PUT /acct/c/b HTTP/1.1\r\nHost: {broker.Data.Authority}\r\nx-ms-version: 2021-12-02\r\n"
            + $"x-ms-blob-type: BlockBlob\r\nContent-Length: {body.Length}\r\n\r\n");
        await connection.SendAsync(body.AsMemory(0, 100_000));
        // Storage is being sent to while the client still has half of it in hand.
        var seen = await broker.Storage.Requests.FirstAsync(request => request.Method == "PUT", Limit);
        await connection.SendAsync(body.AsMemory(100_000));

        Assert.Equal(201, (await connection.ReadResponseAsync()).Status);
        await seen.Done.WaitAsync(Limit);
        Assert.Equal(Convert.ToHexString(SHA256.HashData(body)), seen.BodySha256, ignoreCase: true);
    }

    [Fact]
    public async Task A_client_that_dies_takes_its_upstream_request_along_and_leaves_no_blob()
    {
        await using var broker = await RunningBroker.StartAsync();
        await using var connection = await RawConnection.OpenAsync(broker.Data);
        await connection.SendAsync($"PUT /acct/c/half HTTP/1.1\r\nHost: {broker.Data.Authority}\r\nx-ms-version: 2021-12-02\r\n"
            + "x-ms-blob-type: BlockBlob\r\nContent-Length: 1000\r\n\r\nabc");
        var seen = await broker.Storage.Requests.FirstAsync(_ => true, Limit);

        connection.Reset();

        await seen.Done.WaitAsync(Limit);
        Assert.True(seen.Aborted);
        Assert.Null(broker.Storage.Account().Blob("c", "half"));
    }

    [Fact]
    public async Task An_answer_that_breaks_off_never_looks_complete()
    {
        await using var broker = await RunningBroker.StartAsync(prepare: (_, storage) =>
            storage.AnswerNext(new() { ResetAfterResponseBytes = 1000 }));

        await Assert.ThrowsAnyAsync<IOException>(() => broker.GetAsync("/acct/c/pattern-1000000"));
    }

    [Fact]
    public async Task Old_versions_are_raised_to_the_first_that_knows_bearers()
    {
        await using var broker = await RunningBroker.StartAsync();

        await broker.SendAsync("GET /acct/c/pattern-1 HTTP/1.1\r\nHost: HOST\r\nx-ms-version: 2015-04-05\r\n\r\n");

        Assert.Equal("2017-11-09", Assert.Single(broker.Storage.Requests.All).Header("x-ms-version"));
    }
}
