using System.Text;
using System.Text.RegularExpressions;
using TokenBroker.TestSupport.Network;
using TokenBroker.TestSupport.Storage;
using Xunit;

namespace TokenBroker.Tests.Functional;

/// <summary>What a client gets through the sidecar is what storage says to whoever asks it directly.</summary>
public class StoragesAnswerTests
{
    /// <summary>Of its own for each request.</summary>
    private static readonly string[] Changing = ["Date", "x-ms-request-id"];

    [Theory]
    [InlineData("GET", "/acct/c/b", "", 200)]
    [InlineData("HEAD", "/acct/c/b", "", 200)]
    [InlineData("GET", "/acct/c/b", "Range: bytes=1-3\r\n", 206)]
    [InlineData("GET", "/acct/c/b", "x-ms-range: bytes=5-\r\n", 206)]
    [InlineData("GET", "/acct/c/b", "If-None-Match: *\r\n", 304)]
    [InlineData("HEAD", "/acct/c/b", "If-None-Match: *\r\n", 304)]
    [InlineData("GET", "/acct/c/b", "If-Match: \"0x0\"\r\n", 412)]
    [InlineData("HEAD", "/acct/c/b", "If-Match: \"0x0\"\r\n", 412)]
    [InlineData("GET", "/acct/c/b", "Range: bytes=100-\r\n", 416)]
    [InlineData("GET", "/acct/c/none", "", 404)]
    [InlineData("HEAD", "/acct/c/none", "", 404)]
    [InlineData("PUT", "/acct/c/b", "x-ms-blob-type: BlockBlob\r\nIf-None-Match: *\r\nContent-Length: 0\r\n", 409)]
    public async Task Answer_is_to_the_header_what_storage_says_directly(string method, string target, string headers, int status)
    {
        await using var broker = await RunningBroker.StartAsync();
        Assert.Equal(201, (await broker.SendAsync("PUT /acct/c/b HTTP/1.1\r\nHost: HOST\r\nx-ms-version: 2021-12-02\r\nx-ms-blob-type: BlockBlob\r\n"
            + "x-ms-meta-word: \xfc\r\nContent-Type: text/x\r\nContent-Length: 10\r\n\r\n0123456789")).Status);
        var request = $"{method} {target} HTTP/1.1\r\nHost: x\r\nx-ms-version: 2021-12-02\r\nx-ms-client-request-id: id\r\n{headers}\r\n";

        await using var connection = await RawConnection.OpenAsync(broker.Data);
        await connection.SendAsync(request.Replace("Host: x", $"Host: {broker.Data.Authority}", StringComparison.Ordinal));
        var proxied = await connection.ReadResponseAsync(toHead: method == "HEAD");
        var token = broker.Metadata.Tokens[^1].Value;
        var direct = await RawConnection.ExchangeAsync(
            broker.Storage.Address, request.Replace("\r\n\r\n", $"\r\nAuthorization: Bearer {token}\r\n\r\n", StringComparison.Ordinal), broker.Storage.Certificates);

        Assert.Equal(status, proxied.Status);
        Assert.Equal(Comparable(direct), Comparable(proxied));
        Assert.All(Changing, name => Assert.NotNull(proxied.Header(name)));
        // Nobody has written too much or too little: the connection goes on.
        await connection.SendAsync($"GET /acct/c/pattern-3 HTTP/1.1\r\nHost: {broker.Data.Authority}\r\nx-ms-version: 2021-12-02\r\n\r\n");
        Assert.Equal(3, (await connection.ReadResponseAsync()).Body.Length);
    }

    [Theory]
    [InlineData("GET", 200)]
    [InlineData("HEAD", 200)]
    [InlineData("GET", 206)]
    [InlineData("GET", 304)]
    [InlineData("GET", 412)]
    [InlineData("GET", 503)]
    public async Task Date_Server_and_headers_that_nobody_knows_are_those_of_storage(string method, int status)
    {
        var headers = new Dictionary<string, string>
        {
            ["Date"] = "Tue, 01 Jan 2030 00:00:00 GMT",
            ["Server"] = "Windows-Azure-Blob/9.9 Microsoft-HTTPAPI/2.0",
            ["x-ms-request-id"] = "of-storage",
            ["x-unknown"] = "\xfc\xc3\xbc",
            ["Content-MD5"] = "AAAA",
            ["Retry-After"] = "7",
            ["Vary"] = "Origin",
        };
        await using var broker = await RunningBroker.StartAsync(prepare: (_, storage) => storage.AnswerAll(new() { Status = status, Headers = headers }));
        await using var connection = await RawConnection.OpenAsync(broker.Data);

        await connection.SendAsync($"{method} /acct/c/b HTTP/1.1\r\nHost: {broker.Data.Authority}\r\nx-ms-version: 2021-12-02\r\n\r\n");
        var answer = await connection.ReadResponseAsync(toHead: method == "HEAD");

        Assert.Equal(status, answer.Status);
        foreach (var (name, value) in headers)
            Assert.Equal((name, value), (name, Assert.Single(answer.Headers, header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value));
        Assert.Null(answer.Header("x-tokenbroker-reason"));
    }

    [Theory]
    [InlineData("\xfc")]
    [InlineData("\xc3\xbc")]
    [InlineData("a \xff\x80~\xa0 b")]
    public async Task Metadata_passes_byte_for_byte_in_both_directions(string bytes)
    {
        await using var broker = await RunningBroker.StartAsync();

        await broker.SendAsync("PUT /acct/c/b HTTP/1.1\r\nHost: HOST\r\nx-ms-version: 2021-12-02\r\n"
            + $"x-ms-blob-type: BlockBlob\r\nx-ms-meta-word: {bytes}\r\nContent-Length: 0\r\n\r\n");
        var read = await broker.GetAsync("/acct/c/b");

        Assert.Equal(Encoding.Latin1.GetBytes(bytes), Assert.Single(broker.Storage.Requests.All, request => request.Method == "PUT").HeaderBytes("x-ms-meta-word"));
        Assert.Equal(bytes, read.Header("x-ms-meta-word"));
    }

    /// <summary>Status line, headers in no order, and body, without what changes.</summary>
    private static string Comparable(RawResponse response)
    {
        var headers = response.Headers.Where(header => !Changing.Contains(header.Key)).Select(header => $"{header.Key}: {header.Value}").Order(StringComparer.Ordinal);
        var body = Regex.Replace(response.Text, "(RequestId|Time):[^<\n]*", "$1");
        return string.Join('\n', [response.StatusLine, .. headers, "", body]);
    }
}
