using TokenBroker.Upstream;
using Xunit;

namespace TokenBroker.Tests.Proxy;

public class StorageAddressTests
{
    [Theory]
    [InlineData("https://photos.blob.core.windows.net", "", "", "/")]
    [InlineData("https://photos.blob.core.windows.net", "", "?comp=list", "/?comp=list")]
    [InlineData("https://photos.blob.core.windows.net", "/c/a%2Fb//%7e%2B", "?x=%2f", "/c/a%2Fb//%7e%2B?x=%2f")]
    [InlineData("https://127.0.0.1:10000/photos", "/c/b", "", "/photos/c/b")]
    [InlineData("https://127.0.0.1:10000/photos", "", "?comp=list", "/photos?comp=list")]
    public void Path_and_query_are_the_very_bytes(string endpoint, string path, string query, string sent)
    {
        Assert.True(StorageAddress.TryBuild(new(endpoint), path, query, out var address));
        Assert.Equal(sent, address.PathAndQuery);
    }

    [Theory]
    [InlineData("@evil.example/c")]
    [InlineData(".evil.example/c")]
    [InlineData(":8443/c")]
    [InlineData(":443@evil.example/")]
    [InlineData("\\@evil.example/")]
    public void What_would_change_the_host_is_never_sent(string path) =>
        // The router lets no such path come here; this check must not depend on it.
        Assert.False(StorageAddress.TryBuild(new("https://photos.blob.core.windows.net"), path, "", out _));
}
