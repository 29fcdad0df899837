using TokenBroker.Proxy.Addressing;
using TokenBroker.Proxy.CallerKey;
using Xunit;

namespace TokenBroker.Tests.CallerKey;

/// <summary>Decoding: no two different bytes become the same, and nothing is decoded twice.</summary>
public class SharedKeyTextTests
{
    [Theory]
    [InlineData("a%20b", "a b")]
    [InlineData("a+b", "a b")]
    [InlineData("a%2Bb", "a+b")]
    [InlineData("%2525", "%25")]
    [InlineData("%FF", "\xff")]
    [InlineData("%25FF", "%FF")]
    [InlineData("%c3%bc", "\xc3\xbc")]
    [InlineData("%zz%", "%zz%")]
    public void Values_are_decoded_to_their_bytes_once(string text, string bytes) =>
        Assert.Equal(bytes, RawText.DecodeBytes(text, plusIsSpace: true));

    [Fact]
    public void Plus_sign_stays_where_it_is_one() => Assert.Equal("a+b", RawText.DecodeBytes("a+b", plusIsSpace: false));

    [Fact]
    public void Only_the_first_question_mark_begins_the_query() =>
        Assert.Equal([new("?a", "1"), new("b", "")], BlobQuery.OfTarget("/acct/c/b??a=1&b").Query.Signed);

    [Theory]
    [InlineData("2015-04-05", true)]
    [InlineData("2026-10-06", true)]
    [InlineData("2012-02-12", false)]
    [InlineData("9999", false)]
    [InlineData("2021-13-01", false)]
    public void Versions_of_a_SAS_begin_where_its_text_is_known(string version, bool known) => Assert.Equal(known, SasText.IsKnown(version));
}
