using TokenBroker.Proxy.Addressing;
using Xunit;

namespace TokenBroker.Tests.Proxy;

public class SourceAddressTests
{
    [Theory]
    [InlineData("https://a.example/c/b?x=1", "a.example", 443, "/c/b?x=1")]
    [InlineData("HTTP://a.example", "a.example", 80, "/")]
    [InlineData("http://a.example?x", "a.example", 80, "/?x")]
    [InlineData("http://127.0.0.1:11000/acct/c/b", "127.0.0.1", 11000, "/acct/c/b")]
    [InlineData("http://[::1]:8080/x", "[::1]", 8080, "/x")]
    [InlineData("https://a.example/c/x@y:z", "a.example", 443, "/c/x@y:z")]
    public void An_address_is_cut_as_a_string(string text, string host, int port, string target)
    {
        Assert.True(SourceAddress.TryParse(text, out var address));
        Assert.Equal(new(host, port, target), address);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/acct/c/b")]
    [InlineData("//a.example/c/b")]
    [InlineData("ftp://a.example/c/b")]
    [InlineData("https:///c/b")]
    [InlineData("https://:443/c/b")]
    [InlineData("https://user@a.example/c/b")]
    [InlineData("https://acct.blob.core.windows.net@evil.example/c/b")]
    [InlineData("https://acct.blob.core.windows.net:443@evil.example/c/b")]
    [InlineData("https://evil.example\\@acct.blob.core.windows.net/c/b")]
    [InlineData("https://acct.blob.core.windows.net\\.evil.example/c/b")]
    [InlineData("https://a.example%2f.evil.example/c/b")]
    [InlineData("https://a.example/c/b#fragment")]
    [InlineData("https://a.example#@evil.example/c/b")]
    [InlineData("https://a.example:/c/b")]
    [InlineData("https://a.example:65536/c/b")]
    [InlineData("https://a.example:+443/c/b")]
    [InlineData("https://a.example:4 43/c/b")]
    [InlineData("https://a.example/c/b, https://b.example/c/b")]
    [InlineData("https://a.example/c/ü")]
    [InlineData(" https://a.example/c/b")]
    [InlineData("https://a.example/c/b\t")]
    public void What_two_readers_could_read_differently_is_no_address(string text) =>
        Assert.False(SourceAddress.TryParse(text, out _));
}
