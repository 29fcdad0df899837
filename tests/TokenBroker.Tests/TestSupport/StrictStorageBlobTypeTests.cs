using Xunit;

namespace TokenBroker.Tests.TestSupport;

/// <summary>Append and page blobs take what storage takes.</summary>
public sealed class StrictStorageBlobTypeTests : StubTestBase
{
    [Fact]
    public async Task Append_blob_grows_where_the_client_expects_it()
    {
        AssertIs(201, null, await SendAsync("PUT", "/acct/c/a", "x-ms-blob-type: AppendBlob"));
        await SendAsync("PUT", "/acct/c/a?comp=appendblock", body: "abc");

        var second = await SendAsync("PUT", "/acct/c/a?comp=appendblock", "x-ms-blob-condition-appendpos: 3", "def");
        var wrong = await SendAsync("PUT", "/acct/c/a?comp=appendblock", "x-ms-blob-condition-appendpos: 3", "ghi");

        Assert.Equal(("3", "2"), (second.Header("x-ms-blob-append-offset"), second.Header("x-ms-blob-committed-block-count")));
        AssertIs(412, "AppendPositionConditionNotMet", wrong);
        AssertIs(412, "MaxBlobSizeConditionNotMet", await SendAsync("PUT", "/acct/c/a?comp=appendblock", "x-ms-blob-condition-maxsize: 8", "ghi"));
        var read = await SendAsync("GET", "/acct/c/a", "Range: bytes=2-4");
        Assert.Equal(("cde", "AppendBlob", "2"), (read.Text, read.Header("x-ms-blob-type"), read.Header("x-ms-blob-committed-block-count")));
    }

    [Fact]
    public async Task Append_blob_takes_blocks_and_block_blob_does_not()
    {
        await PutBlobAsync("/acct/c/b", "x");

        AssertIs(409, "InvalidBlobType", await SendAsync("PUT", "/acct/c/b?comp=appendblock", body: "abc"));
        AssertIs(404, "BlobNotFound", await SendAsync("PUT", "/acct/c/none?comp=appendblock", body: "abc"));
        AssertIs(400, "InvalidHeaderValue", await SendAsync("PUT", "/acct/c/a", "x-ms-blob-type: AppendBlob", "content"));
        AssertIs(413, "RequestBodyTooLarge", await SendAsync("PUT", "/acct/c/b?comp=appendblock", body: new string('x', 4 * 1024 * 1024 + 1)));
    }

    [Fact]
    public async Task Page_blob_is_written_and_cleared_by_pages()
    {
        AssertIs(201, null, await SendAsync("PUT", "/acct/c/p", "x-ms-blob-type: PageBlob|x-ms-blob-content-length: 4096"));
        AssertIs(201, null, await SendAsync("PUT", "/acct/c/p?comp=page", "x-ms-page-write: update|x-ms-range: bytes=512-1535", new string('x', 1024)));
        AssertIs(201, null, await SendAsync("PUT", "/acct/c/p?comp=page", "x-ms-page-write: update|Range: bytes=2048-2559", new string('y', 512)));
        AssertIs(201, null, await SendAsync("PUT", "/acct/c/p?comp=page", "x-ms-page-write: clear|x-ms-range: bytes=512-1023"));

        var ranges = await SendAsync("GET", "/acct/c/p?comp=pagelist");
        var read = await SendAsync("GET", "/acct/c/p");

        Assert.EndsWith("<PageList><PageRange><Start>1024</Start><End>1535</End></PageRange><PageRange><Start>2048</Start><End>2559</End></PageRange></PageList>", ranges.Text);
        Assert.Equal(new string('\0', 1024) + new string('x', 512) + new string('\0', 512) + new string('y', 512) + new string('\0', 1536), read.Text);
    }

    [Theory]
    [InlineData("x-ms-page-write: update|x-ms-range: bytes=0-510", 511, 416, "InvalidPageRange")]
    [InlineData("x-ms-page-write: update|x-ms-range: bytes=1-512", 512, 416, "InvalidPageRange")]
    [InlineData("x-ms-page-write: update", 512, 416, "InvalidPageRange")]
    [InlineData("x-ms-page-write: update|x-ms-range: bytes=1024-1535", 512, 416, "InvalidPageRange")]
    [InlineData("x-ms-page-write: update|x-ms-range: bytes=0-1023", 512, 400, "InvalidHeaderValue")]
    [InlineData("x-ms-page-write: clear|x-ms-range: bytes=0-511", 512, 400, "InvalidHeaderValue")]
    [InlineData("x-ms-range: bytes=0-511", 512, 400, "MissingRequiredHeader")]
    public async Task Pages_that_are_none_are_refused(string headers, int length, int status, string code)
    {
        await SendAsync("PUT", "/acct/c/p", "x-ms-blob-type: PageBlob|x-ms-blob-content-length: 1024");

        AssertIs(status, code, await SendAsync("PUT", "/acct/c/p?comp=page", headers, new string('x', length)));
    }

    [Theory]
    [InlineData("x-ms-blob-type: PageBlob", "MissingRequiredHeader")]
    [InlineData("x-ms-blob-type: PageBlob|x-ms-blob-content-length: 100", "InvalidHeaderValue")]
    [InlineData("x-ms-blob-type: Blob", "InvalidHeaderValue")]
    public async Task Blob_that_cannot_be_created_is_refused(string headers, string code) =>
        AssertIs(400, code, await SendAsync("PUT", "/acct/c/p", headers));
}
