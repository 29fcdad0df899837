using TokenBroker.TestSupport.Network;
using TokenBroker.TestSupport.Storage;
using Xunit;

namespace TokenBroker.Tests.TestSupport;

/// <summary>The stub reads the source of a copy when storage would, with the credential that storage would want.</summary>
public sealed class StrictStorageCopyTests : StubTestBase
{
    private static readonly string SourceToken = UnsignedToken.Create(TimeProvider.System.GetUtcNow().AddHours(1));

    private static string Credential => $"x-ms-copy-source-authorization: Bearer {SourceToken}";

    // Every operation that reads its source at once, as target and further headers.
    public static TheoryData<string, string, int> SyncOperations => new()
    {
        { "/acct/c/b", "x-ms-requires-sync: true", 202 },
        { "/acct/c/b", "x-ms-blob-type: BlockBlob", 201 },
        { "/acct/c/b?comp=block&blockid=AAAA", "x-ms-source-range: bytes=0-511", 201 },
        { "/acct/c/append?comp=appendblock", "x-ms-source-range: bytes=0-511", 201 },
        { "/acct/c/page?comp=page", "x-ms-page-write: update|x-ms-range: bytes=0-511|x-ms-source-range: bytes=0-511", 201 },
    };

    [Theory]
    [MemberData(nameof(SyncOperations))]
    public async Task Source_read_at_once_needs_a_bearer_of_its_own(string target, string headers, int status)
    {
        await PrepareAsync();
        var source = $"|x-ms-copy-source: {Source("other")}|";

        AssertIs(401, "CannotVerifyCopySource", await SendAsync("PUT", target, headers + source.TrimEnd('|')));
        AssertIs(401, "CannotVerifyCopySource", await SendAsync("PUT", target, headers + source + $"x-ms-copy-source-authorization: Bearer {UnsignedToken.Create(TimeProvider.System.GetUtcNow().AddSeconds(-1))}"));
        AssertIs(400, "InvalidHeaderValue", await SendAsync("PUT", target, headers + source + "x-ms-copy-source-authorization: SharedKey other:c2ln"));
        AssertIs(403, "CannotVerifyCopySource", await SendAsync("PUT", target, headers + source + Credential, version: "2020-08-04"));
        AssertIs(400, "InvalidHeaderValue", await SendAsync("PUT", target, headers + source + Credential, body: "content"));

        AssertIs(status, null, await SendAsync("PUT", target, headers + source + Credential));
        var record = Storage.Requests.All[^1];
        Assert.Equal((Token, SourceToken, "acct", "other"), (record.Bearer, record.SourceBearer, record.Account, record.SourceAccount));
    }

    [Theory]
    [MemberData(nameof(SyncOperations))]
    public async Task Source_read_at_once_is_judged_by_its_own_account(string target, string headers, int status)
    {
        await PrepareAsync();
        Other.Expire(SourceToken);

        AssertIs(401, "CannotVerifyCopySource", await SendAsync("PUT", target, $"{headers}|x-ms-copy-source: {Source("other")}|{Credential}"));
        AssertIs(status, null, await SendAsync("PUT", target, $"{headers}|x-ms-copy-source: {Source("acct")}|{Credential}"));
    }

    [Theory]
    [MemberData(nameof(SyncOperations))]
    public async Task Public_source_and_one_with_a_signature_need_no_bearer(string target, string headers, int status)
    {
        await PrepareAsync();
        Other.CreateContainer("public", isPublic: true);
        Other.SourceSignature = "good+";
        var signed = $"{headers}|x-ms-copy-source: {Source("other")}?sv=2021-12-02&sig=good%2B";

        AssertIs(status, null, await SendAsync("PUT", target, $"{headers}|x-ms-copy-source: {Source("other", "public/pattern-1024")}"));
        AssertIs(status, null, await SendAsync("PUT", target, signed));
        AssertIs(403, "CannotVerifyCopySource", await SendAsync("PUT", target, $"{signed}|{Credential}"));
        AssertIs(403, "CannotVerifyCopySource", await SendAsync("PUT", target, $"{headers}|x-ms-copy-source: {Source("other")}?sv=2021-12-02&sig=AAAA"));
    }

    [Fact]
    public async Task Asynchronous_copy_takes_no_source_bearer()
    {
        AssertIs(400, "UnsupportedHeader", await CopyAsync(Source("acct"), Credential));
    }

    [Fact]
    public async Task Asynchronous_copy_works_in_its_own_account_or_with_a_signature_alone()
    {
        await PutBlobAsync("/other/c/b", "x");
        Other.SourceSignature = "good";

        AssertIs(202, null, await CopyAsync(Source("acct")));
        AssertIs(202, null, await CopyAsync(Source("acct-secondary")));
        AssertIs(404, "CannotVerifyCopySource", await CopyAsync(Source("other")));
        AssertIs(202, null, await CopyAsync(Source("other") + "?sig=good"));
        AssertIs(403, "CannotVerifyCopySource", await CopyAsync(Source("other") + "?sig=AAAA"));
        AssertIs(403, "CannotVerifyCopySource", await CopyAsync(Source("acct") + "?sig=AAAA"));
    }

    [Fact]
    public async Task Copy_brings_content_properties_and_metadata_and_tells_where_they_came_from()
    {
        await PutBlobAsync("/acct/c/a%20%2B%2Fb", "content", "Content-Type: image/png|x-ms-meta-k: \u00FC");
        var source = Source("acct", "c/a%20%2B%2Fb");

        var copied = await CopyAsync(source);
        var read = await SendAsync("GET", "/acct/c/b");

        Assert.Equal(("success", "success"), (copied.Header("x-ms-copy-status"), read.Header("x-ms-copy-status")));
        Assert.Equal(("content", "image/png", "\u00FC"), (read.Text, read.Header("Content-Type"), read.Header("x-ms-meta-k")));
        Assert.Equal((copied.Header("x-ms-copy-id"), source), (read.Header("x-ms-copy-id"), read.Header("x-ms-copy-source")));
    }

    [Fact]
    public async Task Ranges_of_sources_become_blocks_appended_blocks_and_pages()
    {
        await PrepareAsync();
        await PutBlobAsync("/acct/c/s", new string('a', 512) + new string('b', 512));
        var from = $"x-ms-copy-source: {Source("acct", "c/s")}|{Credential}|x-ms-source-range: bytes=510-1021";

        await SendAsync("PUT", "/acct/c/b?comp=block&blockid=AAAA", from);
        await SendAsync("PUT", "/acct/c/b?comp=blocklist", body: "<BlockList><Latest>AAAA</Latest></BlockList>");
        await SendAsync("PUT", "/acct/c/append?comp=appendblock", from);
        await SendAsync("PUT", "/acct/c/page?comp=page", from + "|x-ms-page-write: update|x-ms-range: bytes=512-1023");

        var expected = "aa" + new string('b', 510);
        Assert.Equal(expected, (await SendAsync("GET", "/acct/c/b")).Text);
        Assert.Equal(expected, (await SendAsync("GET", "/acct/c/append")).Text);
        Assert.Equal(expected, (await SendAsync("GET", "/acct/c/page", "Range: bytes=512-1023")).Text);
        AssertIs(416, "InvalidRange", await SendAsync("PUT", "/acct/c/append?comp=appendblock", from.Replace("510-1021", "1024-", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Snapshot_is_a_source_and_source_conditions_hold()
    {
        await PutBlobAsync("/acct/c/s", "old");
        var snapshot = (await SendAsync("PUT", "/acct/c/s?comp=snapshot")).Header("x-ms-snapshot");
        await PutBlobAsync("/acct/c/s", "new");

        AssertIs(202, null, await CopyAsync(Source("acct", $"c/s?snapshot={snapshot}")));
        Assert.Equal("old", (await SendAsync("GET", "/acct/c/b")).Text);
        AssertIs(412, "SourceConditionNotMet", await CopyAsync(Source("acct", "c/s"), "x-ms-source-if-match: \"0x0\""));
        AssertIs(404, "CannotVerifyCopySource", await CopyAsync(Source("acct", "c/none")));
    }

    [Theory]
    [InlineData("https://acct.blob.core.windows.net/c/pattern-5", 202)]
    [InlineData("https://acct.blob.core.windows.net:443/c/pattern-5", 202)]
    [InlineData("https://acct-secondary.blob.core.windows.net/c/pattern-5", 202)]
    [InlineData("https://acct.blob.core.windows.net:8443/c/pattern-5", 404)]
    [InlineData("https://acct.blob.core.windows.net.evil.example/c/pattern-5", 404)]
    [InlineData("https://acct.evil.blob.core.windows.net/c/pattern-5", 404)]
    [InlineData("https://nobody.blob.core.windows.net/c/pattern-5", 404)]
    [InlineData("https://127.0.0.1:1/acct/c/pattern-5", 404)]
    [InlineData("https://acct.blob.core.windows.net@evil.example/c/pattern-5", 400)]
    [InlineData("https://user@acct.blob.core.windows.net/c/pattern-5", 400)]
    [InlineData("https://acct.blob.core.windows.net/c/pattern-5#x", 400)]
    [InlineData("https://acct.blob.core.windows.net/c/pattern 5", 400)]
    [InlineData("https://acct.blob.core.windows.net/c\\pattern-5", 400)]
    [InlineData("https://acct.blob.core.windows.net", 400)]
    [InlineData("/acct/c/pattern-5", 400)]
    [InlineData("file:///c/pattern-5", 400)]
    [InlineData("https://acct.blob.core.windows.net/c/pattern-5|x-ms-copy-source: https://acct.blob.core.windows.net/c/pattern-6", 400)]
    public async Task Source_is_an_address_of_the_stub_and_nothing_else(string source, int status)
    {
        var response = await CopyAsync(source);

        Assert.Equal(status, response.Status);
        Assert.Equal(status == 202 ? "acct" : "", Storage.Requests.All[^1].SourceAccount);
    }

    [Fact]
    public async Task Copy_holds_the_conditions_of_its_target()
    {
        await PutBlobAsync("/acct/c/b", "x");

        AssertIs(409, "BlobAlreadyExists", await CopyAsync(Source("acct"), "If-None-Match: *"));
        AssertIs(404, "ContainerNotFound", await SendAsync("PUT", "/acct/none/b", $"x-ms-copy-source: {Source("acct")}"));
    }

    private async Task PrepareAsync()
    {
        await SendAsync("PUT", "/acct/c/append", "x-ms-blob-type: AppendBlob");
        await SendAsync("PUT", "/acct/c/page", "x-ms-blob-type: PageBlob|x-ms-blob-content-length: 1024");
    }

    private string Source(string account, string path = "c/pattern-512") => $"{Storage.Address}{account}/{path}";

    private Task<RawResponse> CopyAsync(string source, string headers = "") =>
        SendAsync("PUT", "/acct/c/b", $"x-ms-copy-source: {source}" + (headers.Length == 0 ? "" : "|" + headers));
}
