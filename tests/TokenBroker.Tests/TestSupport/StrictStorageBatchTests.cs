using System.Globalization;
using System.Text;
using TokenBroker.TestSupport.Network;
using TokenBroker.TestSupport.Storage;
using Xunit;

namespace TokenBroker.Tests.TestSupport;

/// <summary>The stub takes batches that are written exactly right, and lets each part in by its own token.</summary>
public sealed class StrictStorageBatchTests : StubTestBase
{
    private const string Type = "Content-Type: multipart/mixed; boundary=b_1";

    private static readonly Dictionary<string, (string Body, string Code)> Faults = new()
    {
        ["no part"] = ("--b_1--\r\n", "InvalidInput"),
        ["no end"] = ($"--b_1\r\n{Part("0", "/acct/c/b")}", "InvalidInput"),
        ["another boundary"] = (Body(Part("0", "/acct/c/b")).Replace("b_1", "b_2", StringComparison.Ordinal), "InvalidInput"),
        ["a boundary that goes on"] = (Body(Part("0", "/acct/c/b")).Replace("--b_1--", "--b_1x--", StringComparison.Ordinal), "InvalidInput"),
        ["preamble"] = ("hello\r\n" + Body(Part("0", "/acct/c/b")), "InvalidInput"),
        ["epilogue"] = (Body(Part("0", "/acct/c/b")) + "hello", "InvalidInput"),
        ["bare line feeds"] = (Body(Part("0", "/acct/c/b")).Replace("\r\n", "\n", StringComparison.Ordinal), "InvalidInput"),
        ["bare carriage return"] = (Body(Part("0", "/acct/c/b", further: "a: b\rc\r\n")), "InvalidInput"),
        ["no id"] = (Body(Part("0", "/acct/c/b").Replace("Content-ID: 0\r\n", "", StringComparison.Ordinal)), "InvalidInput"),
        ["the same id twice"] = (Body(Part("0", "/acct/c/a"), Part("0", "/acct/c/b")), "InvalidInput"),
        ["another type"] = (Body(Part("0", "/acct/c/b").Replace("application/http", "text/plain", StringComparison.Ordinal)), "InvalidInput"),
        ["another encoding"] = (Body(Part("0", "/acct/c/b").Replace("binary", "base64", StringComparison.Ordinal)), "InvalidInput"),
        ["nested"] = (Body(Part("0", "/acct/c/b").Replace("application/http", "multipart/mixed; boundary=b_2", StringComparison.Ordinal)), "InvalidInput"),
        ["version in a part"] = (Body(Part("0", "/acct/c/b", further: "x-ms-version: 2021-12-02\r\n")), "InvalidInput"),
        ["a header twice"] = (Body(Part("0", "/acct/c/b", further: "authorization: Bearer x\r\n")), "InvalidInput"),
        ["folded header"] = (Body(Part("0", "/acct/c/b", further: "a: b\r\n c\r\n")), "InvalidInput"),
        ["a body"] = (Body(Part("0", "/acct/c/b", further: "\r\nbody")), "InvalidInput"),
        ["a host"] = (Body(Part("0", "https://acct.blob.core.windows.net/c/b")), "InvalidInput"),
        ["HTTP/1.0"] = (Body(Part("0", "/acct/c/b").Replace("HTTP/1.1", "HTTP/1.0", StringComparison.Ordinal)), "InvalidInput"),
        ["another account"] = (Body(Part("0", "/acct/c/a"), Part("1", "/other/c/b")), "InvalidInput"),
        ["a read"] = (Body(Part("0", "/acct/c/b", "GET")), "BatchOperationNotSupported"),
        ["a write"] = (Body(Part("0", "/acct/c/b", "PUT", further: "x-ms-blob-type: BlockBlob\r\n")), "BatchOperationNotSupported"),
        ["a batch"] = (Body(Part("0", "/acct?comp=batch", "POST")), "BatchOperationNotSupported"),
        ["a container"] = (Body(Part("0", "/acct/c?restype=container")), "BatchOperationNotSupported"),
        ["two operations"] = (Body(Part("0", "/acct/c/a"), Part("1", "/acct/c/b?comp=tier", "PUT", further: "x-ms-access-tier: Hot\r\n")), "AllBatchSubRequestsShouldBeSameApi"),
    };

    [Theory]
    [InlineData("/acct?comp=batch")]
    [InlineData("/acct/?comp=batch")]
    [InlineData("/acct/c?restype=container&comp=batch")]
    public async Task Each_part_is_deleted_by_its_own_token(string target)
    {
        await PutBlobAsync("/acct/c/a%20%2B", "x");
        await PutBlobAsync("/acct/c/b", "x");

        var response = await SendAsync("POST", target, Type, Body(Part("0", "/acct/c/a%20%2B"), Part("1", "/acct/c/b", authorization: ""), Part("x", "/acct/c/none")));

        Assert.Equal(202, response.Status);
        Assert.Equal([("0", 202, null), ("1", 401, "NoAuthenticationInformation"), ("x", 404, "BlobNotFound")], Answers(response));
        Assert.Null(Account.Blob("c", "a +"));
        Assert.NotNull(Account.Blob("c", "b"));
        var record = Storage.Requests.All[^1];
        Assert.Equal([Token, null, Token], record.Parts.Select(part => part.Bearer));
        Assert.Equal(["/acct/c/a%20%2B", "/acct/c/b", "/acct/c/none"], record.Parts.Select(part => part.RawTarget));
        Assert.Equal([202, 401, 404], record.Parts.Select(part => part.Status));
        Assert.Equal(Encoding.Latin1.GetBytes($"Authorization: Bearer {Token}\r\n"), record.Parts[0].RawHeaders);
    }

    [Fact]
    public async Task Host_style_batch_names_no_account_in_its_parts()
    {
        await PutBlobAsync("/acct/c/b", "x");
        var body = Body(Part("0", "/c/b"));

        var response = await RawConnection.ExchangeAsync(Storage.Address,
            $"POST /?comp=batch HTTP/1.1\r\nHost: acct.blob.core.windows.net\r\nAuthorization: Bearer {Token}\r\nx-ms-version: 2021-12-02\r\n{Type}\r\nContent-Length: {body.Length}\r\n\r\n{body}");

        Assert.Equal([("0", 202, null)], Answers(response));
    }

    [Fact]
    public async Task Batch_sets_tiers()
    {
        await PutBlobAsync("/acct/c/b", "x");

        var response = await SendAsync("POST", "/acct?comp=batch", Type,
            Body(Part("0", "/acct/c/b?comp=tier", "PUT", further: "x-ms-access-tier: Cool\r\nContent-Length: 0\r\n")));

        Assert.Equal([("0", 200, null)], Answers(response));
        Assert.Equal("Cool", Account.Blob("c", "b")!.Tier);
    }

    [Fact]
    public async Task Part_is_refused_by_itself_for_its_token_and_for_a_signature_beside_it()
    {
        await PutBlobAsync("/acct/c/b", "x");
        var expired = UnsignedToken.Create(TimeProvider.System.GetUtcNow().AddSeconds(-1));

        var response = await SendAsync("POST", "/acct?comp=batch", Type, Body(
            Part("0", "/acct/c/b", authorization: $"Bearer {expired}"),
            Part("1", "/acct/c/b?sv=2021-12-02&sig=AAAA"),
            Part("2", "/acct/c/b", authorization: "SharedKey acct:c2ln")));

        Assert.Equal([("0", 401, "InvalidAuthenticationInfo"), ("1", 403, "AuthenticationFailed"), ("2", 403, "AuthenticationFailed")], Answers(response));
        Assert.Contains("Lifetime validation failed", response.Text);
    }

    [Fact]
    public async Task Batch_has_at_most_256_parts()
    {
        string Of(int count) => Body([.. Enumerable.Range(0, count).Select(i => Part(i.ToString(CultureInfo.InvariantCulture), $"/acct/c/{i}"))]);

        Assert.Equal(256, Answers(await SendAsync("POST", "/acct?comp=batch", Type, Of(256))).Count);
        AssertIs(400, "ExceedsMaxBatchRequestCount", await SendAsync("POST", "/acct?comp=batch", Type, Of(257)));
    }

    [Fact]
    public async Task Batch_is_at_most_4_MiB() =>
        AssertIs(413, "RequestBodyTooLarge", await SendAsync("POST", "/acct?comp=batch", Type, new string('x', 4 * 1024 * 1024 + 1)));

    // By name alone: the bodies hold tokens, which no test's name may print.
    public static TheoryData<string> FaultNames => [.. Faults.Keys];

    [Theory]
    [MemberData(nameof(FaultNames))]
    public async Task Batch_that_is_not_exactly_right_is_refused_whole(string fault)
    {
        var (body, code) = Faults[fault];
        await PutBlobAsync("/acct/c/a", "x");
        await PutBlobAsync("/acct/c/b", "x");

        var response = await SendAsync("POST", "/acct?comp=batch", Type, body);

        AssertIs(400, code, response);
        Assert.NotNull(Account.Blob("c", "a"));
        Assert.NotNull(Account.Blob("c", "b"));
    }

    [Fact]
    public async Task Batch_of_a_container_stays_in_it()
    {
        Account.CreateContainer("d");

        AssertIs(400, "InvalidInput", await SendAsync("POST", "/acct/d?restype=container&comp=batch", Type, Body(Part("0", "/acct/c/b"))));
        AssertIs(404, "ContainerNotFound", await SendAsync("POST", "/acct/none?restype=container&comp=batch", Type, Body(Part("0", "/acct/none/b"))));
    }

    [Theory]
    [InlineData("/acct?comp=batch", "2018-03-28")]
    [InlineData("/acct/c?restype=container&comp=batch", "2019-12-12")]
    public async Task Version_must_know_batches(string target, string version) =>
        AssertIs(400, "InvalidHeaderValue", await SendAsync("POST", target, Type, Body(Part("0", "/acct/c/b")), version));

    [Theory]
    [InlineData("Content-Type: multipart/mixed")]
    [InlineData("Content-Type: multipart/form-data; boundary=b_1")]
    [InlineData("X-None: x")]
    public async Task Batch_without_its_content_type_is_refused(string type) =>
        AssertIs(400, "InvalidInput", await SendAsync("POST", "/acct?comp=batch", type, Body(Part("0", "/acct/c/b"))));

    private static string Body(params IEnumerable<string> parts) => string.Concat(parts.Select(part => $"--b_1\r\n{part}\r\n")) + "--b_1--\r\n";

    private static string Part(string id, string target, string method = "DELETE", string? authorization = null, string further = "")
    {
        var credential = authorization is "" ? "" : $"Authorization: {authorization ?? $"Bearer {Token}"}\r\n";
        return $"Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: {id}\r\n\r\n{method} {target} HTTP/1.1\r\n{credential}{further}";
    }

    // Id, status and error code of each part.
    private static List<(string, int, string?)> Answers(RawResponse response)
    {
        var boundary = response.Header("Content-Type")!.Split("boundary=")[1];
        var pieces = Encoding.Latin1.GetString(response.Body).Split("--" + boundary);
        Assert.Equal(("", "--\r\n"), (pieces[0], pieces[^1]));
        return [.. pieces[1..^1].Select(piece =>
        {
            var lines = piece.Split("\r\n");
            Assert.Equal("Content-Type: application/http", lines[1]);
            return (lines[2]["Content-ID: ".Length..], int.Parse(lines[4].Split(' ')[1], CultureInfo.InvariantCulture),
                lines.FirstOrDefault(line => line.StartsWith("x-ms-error-code: ", StringComparison.Ordinal))?["x-ms-error-code: ".Length..]);
        })];
    }
}
