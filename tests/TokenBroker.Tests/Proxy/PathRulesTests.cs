using TokenBroker.Proxy;
using TokenBroker.Proxy.Addressing;
using Xunit;

namespace TokenBroker.Tests.Proxy;

public class PathRulesTests
{
    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/c")]
    [InlineData("/c/")]
    [InlineData("/c/b")]
    [InlineData("/$root/b")]
    [InlineData("/%24web/index.html")]
    [InlineData("/c//lead")]
    [InlineData("/c/a//b")]
    [InlineData("/c/trailing.")]
    [InlineData("/c/...")]
    [InlineData("/c/.hidden")]
    [InlineData("/c/a..b")]
    [InlineData("/c/..a")]
    [InlineData("/c/%2Fslash")]
    [InlineData("/c/%252e%252e")]
    [InlineData("/c/%C3%28")]
    [InlineData("/c/a%5Cb")]
    [InlineData("/c/100%25")]
    [InlineData("/c/%2E%2E%2E")]
    public void Blob_names_pass(string path) => Assert.Null(PathRules.Check(new(path)));

    [Theory]
    [InlineData("/.")]
    [InlineData("/..")]
    [InlineData("/c/.")]
    [InlineData("/c/..")]
    [InlineData("/c/../d")]
    [InlineData("/c/./d")]
    [InlineData("/../c/d")]
    [InlineData("/c/%2e%2e/d")]
    [InlineData("/c/.%2E/d")]
    [InlineData("/c/%2e")]
    [InlineData("/c/a%2F..%2Fb")]
    [InlineData("/c/a%5C..%5Cb")]
    [InlineData("/c/a\\..\\b")]
    [InlineData("/c/a%2f%2e%2e")]
    [InlineData("/c/a\\.")]
    [InlineData("/c/..\\")]
    public void A_dot_segment_is_refused_in_every_spelling(string path) => Assert.Same(Refusal.DotSegment, PathRules.Check(new(path)));

    [Theory]
    [InlineData("/c/%2")]
    [InlineData("/c/%")]
    [InlineData("/c/%zz")]
    [InlineData("/c/%u002e%u002e/d")]
    [InlineData("/c%/b")]
    public void A_percent_sign_without_two_digits_is_refused(string path) => Assert.Same(Refusal.TargetEscape, PathRules.Check(new(path)));

    [Theory]
    [InlineData("//b")]
    [InlineData("//")]
    public void A_missing_container_is_refused(string path) => Assert.Same(Refusal.ContainerMissing, PathRules.Check(new(path)));

    [Theory]
    [InlineData("/%63/b")]
    [InlineData("/c%2Fb")]
    [InlineData("/%2424%25/b")]
    [InlineData("/c\\b")]
    public void An_encoded_container_is_refused(string path) => Assert.Same(Refusal.NameEncoded, PathRules.Check(new(path)));
}
