using TokenBroker.Proxy;
using TokenBroker.Proxy.Rewriting;
using Xunit;

namespace TokenBroker.Tests.Proxy;

/// <summary>Of the requests without a body. One with a body is sent again only if none of it was read.</summary>
public class RepeatableRequestTests
{
    [Theory]
    [InlineData("GET", "", "")]
    [InlineData("HEAD", "", "If-Match")]
    [InlineData("GET", "?restype=container&comp=list", "If-None-Match")]
    [InlineData("DELETE", "", "x-ms-delete-snapshots")]
    [InlineData("PUT", "", "x-ms-blob-type")]
    [InlineData("PUT", "", "x-ms-blob-type x-ms-copy-source")]
    [InlineData("PUT", "", "x-ms-copy-source x-ms-requires-sync")]
    [InlineData("PUT", "?restype=container", "")]
    [InlineData("PUT", "?comp=metadata", "x-ms-meta-a x-ms-lease-id")]
    [InlineData("PUT", "?comp=METADATA", "")]
    [InlineData("PUT", "?comp=tier", "")]
    [InlineData("PUT", "?comp=block&blockid=AA==", "x-ms-copy-source")]
    [InlineData("PUT", "?comp=page", "x-ms-page-write")]
    public void Second_run_leaves_what_the_first_left(string method, string query, string headers) =>
        Assert.True(RepeatableRequest.Is(Request(method, query, headers), null));

    [Theory]
    [InlineData("POST", "", "")]
    [InlineData("PUT", "?comp=lease", "x-ms-lease-action")]
    [InlineData("PUT", "?comp=snapshot", "")]
    [InlineData("PUT", "?comp=appendblock", "x-ms-copy-source")]
    [InlineData("PUT", "?comp=incrementalcopy", "x-ms-copy-source")]
    [InlineData("PUT", "?comp=copy&copyid=1", "x-ms-copy-action")]
    [InlineData("PUT", "?comp=properties", "x-ms-sequence-number-action")]
    [InlineData("PUT", "?comp=somethingnew", "")]
    [InlineData("PUT", "", "x-ms-copy-source")]
    [InlineData("PUT", "", "x-ms-blob-type If-None-Match")]
    [InlineData("PUT", "?comp=metadata", "x-ms-if-tags")]
    [InlineData("DELETE", "", "if-match")]
    public void Second_run_may_do_more_or_be_answered_otherwise(string method, string query, string headers) =>
        Assert.False(RepeatableRequest.Is(Request(method, query, headers), null));

    /// <summary>Of a container where restype says so, of the account for its service, and otherwise of a blob.</summary>
    private static BlobRequest Request(string method, string query, string headers) => TestRequest.Of(
        method, (query.Contains("restype=container", StringComparison.Ordinal) ? "/c" : "/c/b") + query,
        [.. headers.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(name => (name, "true"))]);
}
