using System.Text;
using TokenBroker.TestSupport.Network;
using Xunit;

namespace TokenBroker.Tests.Functional;

/// <summary>Every part of a batch is judged by itself and gets the token; one that is refused refuses all.</summary>
public class BatchTests
{
    private static string Part(string request, int id = 0, string headers = "Authorization: SharedKey acct:secret\r\nx-ms-date: now\r\nx-ms-version: 2015-04-05\r\nContent-Length: 0\r\n") =>
        $"--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: {id}\r\n\r\n{request} HTTP/1.1\r\n{headers}\r\n";

    private static Task<RawResponse> PostAsync(RunningBroker broker, string parts, string target = "/acct/?comp=batch", string headers = "")
    {
        var body = parts + "--b--\r\n";
        return broker.SendAsync($"POST {target} HTTP/1.1\r\nHost: HOST\r\nx-ms-version: 2021-12-02\r\n"
            + $"Content-MD5: AAAAAAAAAAAAAAAAAAAAAA==\r\nx-ms-content-crc64: AAAAAAAAAAA=\r\nContent-Type: multipart/mixed; boundary=b\r\n{headers}Content-Length: {Encoding.Latin1.GetByteCount(body)}\r\n\r\n{body}");
    }

    [Fact]
    public async Task Every_part_reaches_storage_with_the_token_and_without_what_the_client_signed_with()
    {
        await using var broker = await RunningBroker.StartAsync();

        await PostAsync(broker,
            Part("DELETE /acct/c/a%2Fb//x?snapshot=1&sv=2021-06-08&sig=abc")
            + Part("PUT /acct/c/b?comp=tier", 1, "authorization: Bearer mine\r\nx-ms-access-tier: Cool\r\nCookie: x=y\r\nHost: evil.example\r\nX-TokenBroker-Reason: x\r\nProxy-Authorization: x\r\n"));

        var seen = Assert.Single(broker.Storage.Requests.All);
        var token = Assert.Single(broker.Metadata.Tokens).Value;
        Assert.Equal("Bearer " + token, seen.Header("Authorization"));
        // They are of another body.
        Assert.Null(seen.Header("Content-MD5"));
        Assert.Null(seen.Header("x-ms-content-crc64"));
        var text = Encoding.Latin1.GetString(seen.Body);
        var boundary = seen.Header("Content-Type")!.Split("boundary=")[1];
        Assert.NotEqual("b", boundary);
        Assert.Equal(text.Length.ToString(System.Globalization.CultureInfo.InvariantCulture), seen.Header("Content-Length"));
        Assert.Equal(
            $"--{boundary}\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: 0\r\n\r\n"
            + $"DELETE /acct/c/a%2Fb//x?snapshot=1 HTTP/1.1\r\nx-ms-date: now\r\nContent-Length: 0\r\nAuthorization: Bearer {token}\r\n\r\n"
            + $"--{boundary}\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: 1\r\n\r\n"
            + $"PUT /acct/c/b?comp=tier HTTP/1.1\r\nx-ms-access-tier: Cool\r\nContent-Length: 0\r\nAuthorization: Bearer {token}\r\n\r\n"
            + $"--{boundary}--\r\n",
            text);
    }

    [Theory]
    [InlineData("DELETE /other/c/b", "", "batch-part-elsewhere")]
    [InlineData("DELETE /acct-secondary/c/b", "", "batch-part-elsewhere")]
    [InlineData("DELETE /acct/d/b", "/c?restype=container&comp=batch", "batch-part-elsewhere")]
    [InlineData("DELETE /acct/cc/b", "/c?restype=container&comp=batch", "batch-part-elsewhere")]
    [InlineData("DELETE /acct?x=1", "/c?restype=container&comp=batch", "batch-part-elsewhere")]
    [InlineData("DELETE /acct/c", "/c?restype=container&comp=batch", "batch-part-elsewhere")] // a blob of the root container
    [InlineData("DELETE /stranger", "", "account-unknown")]
    [InlineData("DELETE /ACCT/c/b", "", "account-unknown")]
    [InlineData("DELETE /acct@evil.example/c/b", "", "account-unknown")]
    [InlineData("DELETE /acct.evil.example/c/b", "", "account-unknown")]
    [InlineData("DELETE /acct/c/../d/b", "", "dot-segment")]
    [InlineData("DELETE /acct/c/b?%63omp=x", "", "parameter-encoded")]
    [InlineData("DELETE http://127.0.0.1/acct/c/b", "", "target-form")]
    [InlineData("DELETE /acct/c/b?comp=lease", "", "batch-part-operation")]
    [InlineData("GET /acct/c/b", "", "batch-part-operation")]
    [InlineData("PUT /acct/c/b", "", "batch-part-operation")]
    [InlineData("PUT /acct/c/b?comp=block&blockid=x", "", "batch-part-operation")]
    [InlineData("POST /acct/?comp=batch", "", "batch-part-operation")]
    [InlineData("DELETE /acct/", "", "batch-part-operation")]
    [InlineData("DELETE /acct/c?restype=container", "", "batch-part-operation")]
    public async Task One_part_that_is_refused_refuses_the_batch_before_anything_is_sent(string request, string target, string reason)
    {
        await using var broker = await RunningBroker.StartAsync(options => options with
        {
            Accounts = [.. options.Accounts, options.Accounts[0] with { Name = "other", Endpoint = new(options.Accounts[0].Endpoint, "/other") }],
        });

        var answer = await PostAsync(broker, Part("DELETE /acct/c/fine") + Part(request, 1), target.Length == 0 ? "/acct/?comp=batch" : "/acct" + target);

        Assert.Equal((400, reason), (answer.Status, answer.Header("x-tokenbroker-reason")));
        Assert.Contains("In part 2 of the batch: ", answer.Text, StringComparison.Ordinal);
        Assert.Equal(0, broker.Storage.Requests.Count);
    }

    [Theory]
    [InlineData("c", "DELETE /c/x", "DELETE /acct/c/x")] // as Python writes it
    [InlineData("c", "DELETE /acct/c/x", "DELETE /acct/c/x")]
    [InlineData("acct", "DELETE /acct/x", "DELETE /acct/acct/x")]
    [InlineData("acct", "DELETE /acct/acct/x", null)]
    public async Task A_part_without_the_account_is_understood_at_a_container_unless_it_could_be_two_blobs(string container, string request, string? sent)
    {
        await using var broker = await RunningBroker.StartAsync(prepare: (_, storage) => storage.Account().CreateContainer("acct"));

        var answer = await PostAsync(broker, Part(request), $"/acct/{container}?restype=container&comp=batch");

        Assert.Equal(sent is null ? "batch-part-ambiguous" : null, answer.Header("x-tokenbroker-reason"));
        if (sent is not null)
            Assert.Contains($"\r\n{sent} HTTP/1.1\r\n", Encoding.Latin1.GetString(Assert.Single(broker.Storage.Requests.All).Body), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("$web", "DELETE /%24web/x", "DELETE /acct/%24web/x")] // as Python writes it
    [InlineData("%24web", "DELETE /acct/%24web/x", "DELETE /acct/%24web/x")] // as JavaScript does
    [InlineData("$web", "DELETE /acct/%24web/x", "DELETE /acct/%24web/x")]
    [InlineData("%24web", "DELETE /$web/x", "DELETE /acct/$web/x")]
    public async Task A_container_whose_dollar_sign_is_encoded_in_one_place_alone_is_the_same(string container, string request, string sent)
    {
        await using var broker = await RunningBroker.StartAsync(prepare: (_, storage) => storage.Account().CreateContainer("$web"));

        var answer = await PostAsync(broker, Part(request), $"/acct/{container}?restype=container&comp=batch");

        Assert.Null(answer.Header("x-tokenbroker-reason"));
        Assert.Contains($"\r\n{sent} HTTP/1.1\r\n", Encoding.Latin1.GetString(Assert.Single(broker.Storage.Requests.All).Body), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Transfer-Encoding: chunked\r\n")]
    [InlineData("Content-Length: 3\r\n")]
    [InlineData("x-ms-copy-source: http://evil.example/c/b\r\n")]
    public async Task A_part_with_a_body_or_a_source_is_refused(string headers)
    {
        await using var broker = await RunningBroker.StartAsync();

        var answer = await PostAsync(broker, Part("DELETE /acct/c/x", 0, headers));

        Assert.Equal("batch-part-operation", answer.Header("x-tokenbroker-reason"));
        Assert.Equal(0, broker.Storage.Requests.Count);
    }

    [Fact]
    public async Task A_batch_of_a_host_style_client_is_read_in_its_own_style()
    {
        await using var broker = await RunningBroker.StartAsync();
        var body = Part("DELETE /c/x") + "--b--\r\n";

        await broker.SendAsync($"POST /c?restype=container&comp=batch HTTP/1.1\r\nHost: acct.localhost:{broker.Data.Port}\r\nx-ms-version: 2021-12-02\r\n"
            + $"Content-Type: multipart/mixed; boundary=b\r\nContent-Length: {body.Length}\r\n\r\n{body}");

        Assert.Contains("\r\nDELETE /acct/c/x HTTP/1.1\r\n", Encoding.Latin1.GetString(Assert.Single(broker.Storage.Requests.All).Body), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_batch_beyond_storages_limit_is_not_gathered(bool chunked)
    {
        await using var broker = await RunningBroker.StartAsync();
        await using var connection = await RawConnection.OpenAsync(broker.Data);
        const int Length = 4 * 1024 * 1024 + 1;
        await connection.SendAsync($"POST /acct/?comp=batch HTTP/1.1\r\nHost: {broker.Data.Authority}\r\nx-ms-version: 2021-12-02\r\n"
            + "Content-Type: multipart/mixed; boundary=b\r\n"
            + (chunked ? $"Transfer-Encoding: chunked\r\n\r\n{Length:x}\r\n" : $"Content-Length: {Length}\r\n\r\n"));
        await connection.SendAsync(new byte[Length]);
        if (chunked)
            await connection.SendAsync("\r\n0\r\n\r\n");

        var answer = await connection.ReadResponseAsync();

        Assert.Equal((413, "batch-too-large"), (answer.Status, answer.Header("x-tokenbroker-reason")));
        Assert.Equal(0, broker.Storage.Requests.Count);
    }
}
