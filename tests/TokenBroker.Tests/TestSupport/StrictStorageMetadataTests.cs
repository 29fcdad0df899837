using System.Text;
using TokenBroker.TestSupport.Network;
using Xunit;

namespace TokenBroker.Tests.TestSupport;

/// <summary>The stub keeps metadata byte for byte, and properties, snapshots, tags and tiers as storage does.</summary>
public sealed class StrictStorageMetadataTests : StubTestBase
{
    [Theory]
    [InlineData("plain")]
    [InlineData("\u00FC")] // ü in Latin-1
    [InlineData("\u00C3\u00BC\u00C4\u009F")] // üğ in UTF-8: one of its bytes is a control character in Latin-1
    public async Task Metadata_comes_back_byte_for_byte(string value)
    {
        await PutBlobAsync("/acct/c/b", "x", $"x-ms-meta-Key_1: {value}");

        var read = await SendAsync("GET", "/acct/c/b");
        var metadata = await SendAsync("HEAD", "/acct/c/b?comp=metadata");

        Assert.Contains(new("x-ms-meta-Key_1", value), read.Headers);
        Assert.Contains(new("x-ms-meta-Key_1", value), metadata.Headers);
        Assert.Equal(Encoding.Latin1.GetBytes(value), Storage.Requests.All[0].HeaderBytes("x-ms-meta-key_1"));
    }

    [Fact]
    public async Task Setting_metadata_replaces_all_of_it_and_leaves_the_properties()
    {
        var put = await PutBlobAsync("/acct/c/b", "x", "x-ms-meta-a: 1|Content-Type: image/png");

        var set = await SendAsync("PUT", "/acct/c/b?comp=metadata", "x-ms-meta-b: 2");
        var read = await SendAsync("GET", "/acct/c/b");

        AssertIs(200, null, set);
        Assert.NotEqual(put.Header("ETag"), set.Header("ETag"));
        Assert.Equal((null, "2", "image/png"), (read.Header("x-ms-meta-a"), read.Header("x-ms-meta-b"), read.Header("Content-Type")));
    }

    [Fact]
    public async Task Setting_properties_replaces_all_of_them_and_leaves_the_metadata()
    {
        await PutBlobAsync("/acct/c/b", "x", "x-ms-meta-a: 1|Content-Type: image/png|x-ms-blob-cache-control: no-cache");

        await SendAsync("PUT", "/acct/c/b?comp=properties", "x-ms-blob-content-type: text/plain|x-ms-blob-content-language: de");
        var read = await SendAsync("GET", "/acct/c/b");

        Assert.Equal(("text/plain", "de", null, "1"), (read.Header("Content-Type"), read.Header("Content-Language"), read.Header("Cache-Control"), read.Header("x-ms-meta-a")));
    }

    [Theory]
    [InlineData("x-ms-meta-: 1", "EmptyMetadataKey")]
    [InlineData("x-ms-meta-a-b: 1", "InvalidMetadata")]
    [InlineData("x-ms-meta-1a: 1", "InvalidMetadata")]
    public async Task Metadata_name_that_is_no_identifier_is_refused(string header, string code) =>
        AssertIs(400, code, await PutBlobAsync("/acct/c/b", "x", header));

    [Fact]
    public async Task Container_has_metadata()
    {
        AssertIs(201, null, await SendAsync("PUT", "/acct/new?restype=container", "x-ms-meta-a: 1"));
        Assert.Equal("1", (await SendAsync("GET", "/acct/new?restype=container")).Header("x-ms-meta-a"));

        await SendAsync("PUT", "/acct/new?restype=container&comp=metadata", "x-ms-meta-b: 2");

        var read = await SendAsync("HEAD", "/acct/new?restype=container&comp=metadata");
        Assert.Equal((null, "2"), (read.Header("x-ms-meta-a"), read.Header("x-ms-meta-b")));
    }

    [Fact]
    public async Task Snapshot_keeps_what_was_and_guards_the_blob_from_deletion()
    {
        await PutBlobAsync("/acct/c/b", "old");
        var snapshot = await SendAsync("PUT", "/acct/c/b?comp=snapshot", "x-ms-meta-a: 1");
        await PutBlobAsync("/acct/c/b", "new");
        var time = snapshot.Header("x-ms-snapshot")!;

        AssertIs(201, null, snapshot);
        Assert.EndsWith("Z", time);
        var old = await SendAsync("GET", $"/acct/c/b?snapshot={time.Replace(":", "%3A", StringComparison.Ordinal)}");
        Assert.Equal(("old", "1"), (old.Text, old.Header("x-ms-meta-a")));
        Assert.Equal("new", (await SendAsync("GET", "/acct/c/b")).Text);
        AssertIs(404, "BlobNotFound", await SendAsync("GET", "/acct/c/b?snapshot=2020-01-01T00%3A00%3A00.0000000Z"));
        AssertIs(400, "InvalidQueryParameterValue", await PutBlobAsync($"/acct/c/b?snapshot={time}", "x"));
        AssertIs(409, "SnapshotsPresent", await SendAsync("DELETE", "/acct/c/b"));
        AssertIs(202, null, await SendAsync("DELETE", $"/acct/c/b?snapshot={time}"));
        AssertIs(202, null, await SendAsync("DELETE", "/acct/c/b"));
    }

    [Fact]
    public async Task Tags_are_set_read_and_counted()
    {
        await PutBlobAsync("/acct/c/b", "x", "x-ms-tags: a=1&b%20c=2%2B");
        Assert.Equal("2", (await SendAsync("HEAD", "/acct/c/b")).Header("x-ms-tag-count"));
        Assert.Contains("<Tag><Key>b c</Key><Value>2+</Value></Tag>", (await SendAsync("GET", "/acct/c/b?comp=tags")).Text);

        var set = await SendAsync("PUT", "/acct/c/b?comp=tags", body: "<Tags><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tags>");

        AssertIs(204, null, set);
        Assert.Equal("v", Account.Blob("c", "b")!.Tags["k"]);
        AssertIs(400, "InvalidXmlDocument", await SendAsync("PUT", "/acct/c/b?comp=tags", body: "<Tags>"));
        AssertIs(404, "BlobNotFound", await SendAsync("GET", "/acct/c/none?comp=tags"));
    }

    [Fact]
    public async Task Tier_is_set_and_an_archived_blob_is_not_read()
    {
        await PutBlobAsync("/acct/c/b", "x");

        AssertIs(200, null, await SendAsync("PUT", "/acct/c/b?comp=tier", "x-ms-access-tier: Archive"));
        AssertIs(409, "BlobArchived", await SendAsync("GET", "/acct/c/b"));
        Assert.Equal("Archive", (await SendAsync("HEAD", "/acct/c/b")).Header("x-ms-access-tier"));
        AssertIs(400, "InvalidHeaderValue", await SendAsync("PUT", "/acct/c/b?comp=tier", "x-ms-access-tier: Lukewarm"));
    }

}
