using TokenBroker.Proxy.Rewriting.Batch;
using Xunit;

namespace TokenBroker.Tests.Proxy;

/// <summary>A boundary is what RFC 2046 calls one, quoted or not, and given once.</summary>
public class BatchBoundaryTests
{
    [Theory]
    [InlineData("multipart/mixed; boundary=b", "b")]
    [InlineData("Multipart/Mixed;BOUNDARY=b", "b")]
    [InlineData(" multipart/mixed ;\tboundary = b ", "b")]
    [InlineData("multipart/mixed; boundary================1234567890123456789==", "===============1234567890123456789==")] // Python
    [InlineData("multipart/mixed; boundary=batch_a/b+c/d==", "batch_a/b+c/d==")] // Rust
    [InlineData("multipart/mixed; boundary=a:b?c(d),e'f.g_h-i", "a:b?c(d),e'f.g_h-i")]
    [InlineData("multipart/mixed; boundary=b b", "b b")]
    [InlineData("multipart/mixed; boundary=\"batch_a/b+c==\"", "batch_a/b+c==")]
    [InlineData("multipart/mixed; boundary=\"a b:c?\"", "a b:c?")]
    [InlineData("multipart/mixed; boundary=\"a\\=\\b\"", "a=b")]
    [InlineData("multipart/mixed; charset=utf-8; boundary=b; x=\"; boundary=c\"", "b")]
    [InlineData("multipart/mixed; charset=\"a;b\";boundary=b;", "b")]
    [InlineData("multipart/mixed; ; boundary=--b--;;", "--b--")]
    public void Boundary_is_read(string contentType, string expected)
    {
        Assert.Null(BatchBoundary.Read(contentType, out var boundary));
        Assert.Equal(expected, boundary);
    }

    [Fact]
    public void Boundary_has_70_characters_at_most()
    {
        Assert.Null(BatchBoundary.Read("multipart/mixed; boundary=" + new string('b', 70), out _));
        Assert.NotNull(BatchBoundary.Read("multipart/mixed; boundary=" + new string('b', 71), out _));
    }

    [Theory]
    [InlineData("multipart/mixed")]
    [InlineData("multipart/mixed;")]
    [InlineData("multipart/mixed; boundary")]
    [InlineData("multipart/mixed; boundary=")]
    [InlineData("multipart/mixed; boundary=\"\"")]
    [InlineData("multipart/mixed; boundary=\"b")]
    [InlineData("multipart/mixed; boundary=\"b\\")]
    [InlineData("multipart/mixed; boundary=\"b\"c")]
    [InlineData("multipart/mixed; boundary=b\"c\"")]
    [InlineData("multipart/mixed; boundary=\"b \"")]
    [InlineData("multipart/mixed; boundary=b#c")]
    [InlineData("multipart/mixed; boundary=\"b\r\nc\"")]
    [InlineData("multipart/mixed; boundary=b\u00e9")]
    [InlineData("multipart/mixed; boundary=b; boundary=c")]
    [InlineData("multipart/mixed; boundary=b; Boundary=b")]
    [InlineData("multipart/mixed; boundary=b; boundary*=utf-8''c")]
    [InlineData("multipart/mixed; boundary*0=b")]
    [InlineData("multipart/mixed; x=\"a; boundary=b")]
    [InlineData("multipart/mixed; boundary=b; rest")]
    [InlineData("multipart/mixed; a b=c; boundary=b")]
    public void What_is_not_one_boundary_is_refused(string contentType) => Assert.Equal(BatchFault.Boundary, BatchBoundary.Read(contentType, out _));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("text/plain; boundary=b")]
    [InlineData("multipart/form-data; boundary=b")]
    [InlineData("multipart/mixed, multipart/mixed; boundary=b")]
    public void Another_type_is_not_a_batch(string? contentType) => Assert.Equal(BatchFault.ContentType, BatchBoundary.Read(contentType, out _));
}
