using System.Text;
using TokenBroker.Proxy;
using Xunit;

namespace TokenBroker.Tests.Proxy;

public class BatchReaderTests
{
    private const string Envelope = "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: 0\r\n\r\n";
    private const string Good = $"--b\r\n{Envelope}DELETE /acct/c/x HTTP/1.1\r\nAuthorization: SharedKey a:b\r\nContent-Length: 0\r\n\r\n--b--\r\n";

    private static Refusal? Read(string body, out IReadOnlyList<BatchPart> parts, string contentType = "multipart/mixed; boundary=b") =>
        BatchReader.Read(contentType, Encoding.Latin1.GetBytes(body), out parts);

    [Fact]
    public void A_part_is_read_as_it_was_written()
    {
        Assert.Null(Read(Good, out var parts));

        var part = Assert.Single(parts);
        Assert.Equal(("0", "DELETE", "/acct/c/x"), (part.ContentId, part.Method, part.Target));
        Assert.Equal([new("Authorization", "SharedKey a:b"), new("Content-Length", "0")], part.Headers);
    }

    [Theory]
    [InlineData("multipart/mixed; boundary=\"b\"")]
    [InlineData("Multipart/Mixed;boundary=b")]
    public void The_boundary_is_found(string contentType) => Assert.Null(Read(Good, out _, contentType));

    [Theory]
    [InlineData("")]
    [InlineData("multipart/mixed")]
    [InlineData("multipart/mixed; boundary=")]
    [InlineData("multipart/mixed; boundary=c")]
    [InlineData("multipart/form-data; boundary=b")]
    [InlineData("text/plain")]
    public void Another_content_is_no_batch(string contentType) => Assert.Same(Refusal.BatchMalformed, Read(Good, out _, contentType));

    public static TheoryData<string> Malformed =>
    [
        "",
        "--b--\r\n",
        "\r\n" + Good,
        "preamble\r\n" + Good,
        Good + "epilogue",
        Good.Replace("\r\n", "\n", StringComparison.Ordinal),
        Good.Replace("--b--\r\n", "", StringComparison.Ordinal),
        Good.Replace("--b--", "--b", StringComparison.Ordinal),
        Good.Replace("--b--", "--b--x", StringComparison.Ordinal),
        Good.Replace("--b--", "body\r\n--b--", StringComparison.Ordinal),
        Good.Replace("Content-Type: application/http\r\n", "", StringComparison.Ordinal),
        Good.Replace("application/http", "text/plain", StringComparison.Ordinal),
        Good.Replace("binary", "base64", StringComparison.Ordinal),
        Good.Replace("Content-ID: 0", "Content-ID: 0\r\nContent-ID: 1", StringComparison.Ordinal),
        Good.Replace("Content-ID: 0", "Content-ID: a b", StringComparison.Ordinal),
        Good.Replace("Content-ID: 0", "X-Other: 1", StringComparison.Ordinal),
        Good.Replace("HTTP/1.1", "HTTP/1.0", StringComparison.Ordinal),
        Good.Replace(" HTTP/1.1", "", StringComparison.Ordinal),
        Good.Replace("DELETE ", "DELETE  ", StringComparison.Ordinal),
        Good.Replace("DELETE", "delete", StringComparison.Ordinal),
        Good.Replace("DELETE", "DEL\tETE", StringComparison.Ordinal),
        Good.Replace("/acct/c/x", "/acct/c/x y", StringComparison.Ordinal),
        Good.Replace("Authorization: ", "Authorization : ", StringComparison.Ordinal),
        Good.Replace("Authorization: ", ": ", StringComparison.Ordinal),
        Good.Replace("Authorization: SharedKey", "Authorization: SharedKey\r\n folded", StringComparison.Ordinal),
        Good.Replace("Authorization: SharedKey", "Authorization: Shared\0Key", StringComparison.Ordinal),
        Good.Replace("Authorization: SharedKey", "Authorization: Shared\rKey", StringComparison.Ordinal),
        Good.Replace("Content-Length: 0", "Content-Length: 0\r\ncontent-length: 0", StringComparison.Ordinal),
        Good.Replace("Content-Length: 0", "no header", StringComparison.Ordinal),
        $"--b\r\n{Envelope}DELETE /acct/c/x HTTP/1.1",
        $"--b\r\n{Envelope}",
        "--b\r\n--b--\r\n",
        Good.Replace("Content-Length: 0", string.Join("\r\n", Enumerable.Range(0, 101).Select(i => $"x-{i}: 0")), StringComparison.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Malformed))]
    public void What_could_be_read_in_two_ways_is_refused_whole(string body) => Assert.Same(Refusal.BatchMalformed, Read(body, out _));

    [Theory]
    [InlineData(256, null)]
    [InlineData(257, "batch-too-many-parts")]
    public void There_are_256_parts_at_most(int count, string? reason)
    {
        var part = Good[..^"--b--\r\n".Length];
        var refusal = Read(string.Concat(Enumerable.Repeat(part, count)) + "--b--\r\n", out var parts);

        Assert.Equal(reason, refusal?.Reason);
        Assert.Equal(count, parts.Count);
    }
}
