using TokenBroker.TestSupport.Network;
using Xunit;

namespace TokenBroker.Tests.TestSupport;

/// <summary>Conditional headers and leases decide as storage decides.</summary>
public sealed class StrictStorageConditionTests : StubTestBase
{
    private const string Lease = "11111111-1111-1111-1111-111111111111";
    private const string Another = "22222222-2222-2222-2222-222222222222";
    private const string Past = "Mon, 01 Jan 2001 00:00:00 GMT";
    private const string Future = "Fri, 01 Jan 2100 00:00:00 GMT";

    [Theory]
    [InlineData("If-Match: *", 200)]
    [InlineData("If-Match: ETAG", 200)]
    [InlineData("If-Match: \"0x0\"", 412)]
    [InlineData("If-None-Match: ETAG", 304)]
    [InlineData("If-None-Match: \"0x0\"", 200)]
    [InlineData("If-Modified-Since: " + Past, 200)]
    [InlineData("If-Modified-Since: " + Future, 304)]
    [InlineData("If-Modified-Since: MODIFIED", 304)]
    [InlineData("If-Unmodified-Since: " + Past, 412)]
    [InlineData("If-Unmodified-Since: MODIFIED", 200)]
    public async Task Read_is_conditional(string condition, int status)
    {
        var put = await PutBlobAsync("/acct/c/b", "content");
        var header = condition.Replace("ETAG", put.Header("ETag"), StringComparison.Ordinal).Replace("MODIFIED", put.Header("Last-Modified"), StringComparison.Ordinal);

        foreach (var method in (string[])["GET", "HEAD"])
        {
            var response = await SendAsync(method, "/acct/c/b", header);
            AssertIs(status, status == 200 ? null : "ConditionNotMet", response);
            Assert.Equal(status == 200 && method == "GET" ? "content" : "", status == 412 ? "" : response.Text);
        }
    }

    [Theory]
    [InlineData("If-Match: ETAG", 201, null)]
    [InlineData("If-Match: \"0x0\"", 412, "ConditionNotMet")]
    [InlineData("If-None-Match: *", 409, "BlobAlreadyExists")]
    [InlineData("If-None-Match: ETAG", 412, "ConditionNotMet")]
    [InlineData("If-Modified-Since: " + Future, 412, "ConditionNotMet")]
    [InlineData("If-Unmodified-Since: " + Past, 412, "ConditionNotMet")]
    public async Task Write_is_conditional(string condition, int status, string? code)
    {
        var put = await PutBlobAsync("/acct/c/b", "old");

        var response = await PutBlobAsync("/acct/c/b", "new", condition.Replace("ETAG", put.Header("ETag"), StringComparison.Ordinal));

        AssertIs(status, code, response);
        Assert.Equal(status == 201 ? "new" : "old", (await SendAsync("GET", "/acct/c/b")).Text);
    }

    [Fact]
    public async Task Write_to_nothing_cannot_match() =>
        AssertIs(412, "ConditionNotMet", await PutBlobAsync("/acct/c/none", "x", "If-Match: *"));

    [Fact]
    public async Task Leased_blob_is_written_by_the_holder_alone()
    {
        await PutBlobAsync("/acct/c/b", "old");
        var acquired = await LeaseAsync("acquire", $"x-ms-lease-duration: -1|x-ms-proposed-lease-id: {Lease}");
        Assert.Equal((201, Lease), (acquired.Status, acquired.Header("x-ms-lease-id")));

        AssertIs(412, "LeaseIdMissing", await PutBlobAsync("/acct/c/b", "new"));
        AssertIs(412, "LeaseIdMissing", await SendAsync("DELETE", "/acct/c/b"));
        AssertIs(412, "LeaseIdMissing", await SendAsync("PUT", "/acct/c/b?comp=metadata"));
        AssertIs(412, "LeaseIdMismatchWithBlobOperation", await PutBlobAsync("/acct/c/b", "new", $"x-ms-lease-id: {Another}"));
        AssertIs(412, "LeaseIdMismatchWithBlobOperation", await SendAsync("GET", "/acct/c/b", $"x-ms-lease-id: {Another}"));
        AssertIs(409, "LeaseAlreadyPresent", await LeaseAsync("acquire", $"x-ms-lease-duration: 15|x-ms-proposed-lease-id: {Another}"));
        var read = await SendAsync("HEAD", "/acct/c/b");
        Assert.Equal(("locked", "leased", "infinite"), (read.Header("x-ms-lease-status"), read.Header("x-ms-lease-state"), read.Header("x-ms-lease-duration")));

        AssertIs(201, null, await PutBlobAsync("/acct/c/b", "new", $"x-ms-lease-id: {Lease}"));
    }

    [Fact]
    public async Task Lease_is_renewed_changed_released_and_broken()
    {
        await PutBlobAsync("/acct/c/b", "x");
        AssertIs(409, "LeaseNotPresentWithLeaseOperation", await LeaseAsync("break", ""));
        await LeaseAsync("acquire", $"x-ms-lease-duration: 60|x-ms-proposed-lease-id: {Lease}");

        AssertIs(409, "LeaseIdMismatchWithLeaseOperation", await LeaseAsync("renew", $"x-ms-lease-id: {Another}"));
        AssertIs(200, null, await LeaseAsync("renew", $"x-ms-lease-id: {Lease}"));
        AssertIs(200, null, await LeaseAsync("change", $"x-ms-lease-id: {Lease}|x-ms-proposed-lease-id: {Another}"));
        AssertIs(409, "LeaseIdMismatchWithLeaseOperation", await LeaseAsync("release", $"x-ms-lease-id: {Lease}"));
        AssertIs(200, null, await LeaseAsync("release", $"x-ms-lease-id: {Another}"));
        AssertIs(412, "LeaseNotPresentWithBlobOperation", await PutBlobAsync("/acct/c/b", "x", $"x-ms-lease-id: {Another}"));

        await LeaseAsync("acquire", $"x-ms-lease-duration: -1|x-ms-proposed-lease-id: {Lease}");
        var broken = await LeaseAsync("break", "");
        Assert.Equal((202, "0"), (broken.Status, broken.Header("x-ms-lease-time")));
        AssertIs(409, "LeaseIsBrokenAndCannotBeRenewed", await LeaseAsync("renew", $"x-ms-lease-id: {Lease}"));
        AssertIs(201, null, await PutBlobAsync("/acct/c/b", "x"));
    }

    [Theory]
    [InlineData("14")]
    [InlineData("61")]
    [InlineData("long")]
    public async Task Lease_of_another_length_is_refused(string seconds)
    {
        await PutBlobAsync("/acct/c/b", "x");

        AssertIs(400, "InvalidHeaderValue", await LeaseAsync("acquire", $"x-ms-lease-duration: {seconds}"));
    }

    [Fact]
    public async Task Leased_container_is_deleted_by_the_holder_alone()
    {
        const string container = "/acct/c?restype=container";
        await SendAsync("PUT", container + "&comp=lease", $"x-ms-lease-action: acquire|x-ms-lease-duration: -1|x-ms-proposed-lease-id: {Lease}");

        AssertIs(412, "LeaseIdMissing", await SendAsync("DELETE", container));
        AssertIs(412, "LeaseIdMismatchWithContainerOperation", await SendAsync("DELETE", container, $"x-ms-lease-id: {Another}"));
        AssertIs(202, null, await SendAsync("DELETE", container, $"x-ms-lease-id: {Lease}"));
    }

    private Task<RawResponse> LeaseAsync(string action, string headers) =>
        SendAsync("PUT", "/acct/c/b?comp=lease", $"x-ms-lease-action: {action}" + (headers.Length == 0 ? "" : "|" + headers));
}
