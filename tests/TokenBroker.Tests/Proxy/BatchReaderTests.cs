using System.Text;
using TokenBroker.Proxy;
using TokenBroker.Proxy.Rewriting.Batch;
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

    private static string With(string what, string instead) => Good.Replace(what, instead, StringComparison.Ordinal);

    public static TheoryData<string> WellFormed =>
    [
        Good,
        "\r\n" + Good,
        "This is a multipart message.\r\n\r\n" + Good,
        Good + "epilogue\r\nwith lines",
        Good[..^2],
        With("--b--", "--b-- \t"),
        With("--b\r\n", "--b \t\r\n"),
        With("0\r\n\r\n--b--", "0\r\n--b--"), // the line end before a boundary is the boundary's
        With("0\r\n\r\n--b--", "0\r\n\r\n\r\n--b--"),
        With("binary", "8bit"),
        With("application/http", "application/http; msgtype=request"),
        With("Content-ID: 0", "Content-ID: 0\r\nMIME-Version: 1.0"), // Python's email package
        With(": ", ":\t").Replace("\r\n\r\nDELETE", " \t\r\n\r\nDELETE", StringComparison.Ordinal),
        // Lines that end with LF: all; those of each part; those of each request, as a library writes text into a MIME writer.
        With("\r\n", "\n"),
        "--b\r\n" + With("\r\n", "\n")["--b\n".Length..^"--b--\n".Length] + "\r\n--b--\r\n",
        $"--b\r\n{Envelope}DELETE /acct/c/x HTTP/1.1\nAuthorization: SharedKey a:b\nContent-Length: 0\n\n\r\n--b--\r\n",
        $"--b\r\n{Envelope}DELETE /acct/c/x HTTP/1.1\nAuthorization: SharedKey a:b\nContent-Length: 0\n\r\n--b--\r\n",
    ];

    [Theory]
    [MemberData(nameof(WellFormed))]
    public void Every_form_of_MIME_has_the_same_part(string body)
    {
        Assert.Null(Read(body, out var parts));

        var part = Assert.Single(parts);
        Assert.Equal(("0", "DELETE", "/acct/c/x"), (part.ContentId, part.Method, part.Target));
        Assert.Equal([new("Authorization", "SharedKey a:b"), new("Content-Length", "0")], part.Headers);
    }

    [Theory]
    [InlineData("===============1==")]
    [InlineData("batch_a/b+c/d==")]
    [InlineData("b b")]
    [InlineData("--b--")]
    public void Boundary_is_found_in_the_body_quoted_or_not(string boundary)
    {
        var body = With("--b", "--" + boundary);

        Assert.Null(Read(body, out _, $"multipart/mixed; boundary={boundary}"));
        Assert.Null(Read(body, out _, $"multipart/mixed; boundary=\"{boundary}\""));
        Assert.NotNull(Read(body, out _, $"multipart/mixed; boundary={boundary}x"));
    }

    /// <summary>A body, and words of the sentence that says what is wrong.</summary>
    public static TheoryData<string, string> Malformed => new()
    {
        { "", BatchFault.Start },
        { "--b--\r\n", BatchFault.Start },
        { "--c\r\n" + Good, BatchFault.Start },
        { "preamble\r\n--\r\n" + Good, BatchFault.Start },
        { Good + "--c\r\n", BatchFault.AfterEnd },
        { Good + Good, BatchFault.AfterEnd },
        { "--bb\r\n" + Good, BatchFault.NearBoundary },
        { With("--b--", "--b--x"), BatchFault.NearBoundary },
        { With("--b--", "--b --"), BatchFault.NearBoundary },
        { With("--b--", "--b-"), BatchFault.NearBoundary },
        { With("Content-Length: 0", "--bx: 0"), BatchFault.NearBoundary },
        { With("--b\r\n", "--b\rx\r\n"), BatchFault.NearBoundary },
        { With("--b--\r\n", ""), BatchFault.End },
        { With("--b--", "--b"), BatchFault.End },
        { $"--b\r\n{Envelope}DELETE /acct/c/x HTTP/1.1", BatchFault.End },
        { $"--b\r\n{Envelope}", BatchFault.End },
        { Good[..^30], BatchFault.End },
        { With("--b--", "body\r\n--b--"), BatchFault.Body },
        { With("Content-Type: application/http\r\n", ""), BatchFault.Envelope },
        { With("application/http", "text/plain"), BatchFault.Envelope },
        { With("application/http", "multipart/mixed; boundary=c"), BatchFault.Envelope },
        { With("Content-ID: 0", "Content-ID: 0\r\nContent-ID: 1"), BatchFault.Envelope },
        { With("Content-ID: 0", "Content-ID: a b"), BatchFault.Envelope },
        { With("Content-ID: 0", "X-Other: 1"), BatchFault.Envelope },
        { With("Content-ID: 0", "MIME-Version: 2.0"), BatchFault.Envelope },
        { With("Content-ID: 0", "Content-ID: 0\r\n folded"), BatchFault.Envelope },
        { With("binary", "base64"), BatchFault.Encoding },
        { With("binary", "quoted-printable"), BatchFault.Encoding },
        { "--b\r\n--b--\r\n", BatchFault.Envelope },
        { With("HTTP/1.1", "HTTP/1.0"), BatchFault.RequestLine },
        { With(" HTTP/1.1", ""), BatchFault.RequestLine },
        { With("DELETE ", "DELETE  "), BatchFault.RequestLine },
        { With("DELETE", "delete"), BatchFault.RequestLine },
        { With("DELETE", "DEL\tETE"), BatchFault.RequestLine },
        { With("/acct/c/x", "/acct/c/x y"), BatchFault.RequestLine },
        { With("Authorization: ", "Authorization : "), BatchFault.Header },
        { With("Authorization: ", ": "), BatchFault.Header },
        { With("Authorization: SharedKey", "Authorization: SharedKey\r\n folded"), BatchFault.Header },
        { With("Authorization: SharedKey", "Authorization: SharedKey\r\n folded: x"), BatchFault.Header },
        { With("Authorization: SharedKey", "Authorization: Shared\0Key"), BatchFault.Header },
        { With("Content-Length: 0", "Content-Length: 0\r\ncontent-length: 0"), BatchFault.Header },
        { With("Content-Length: 0", "no header"), BatchFault.Header },
        { With("Content-Length: 0", string.Join("\r\n", Enumerable.Range(0, 101).Select(i => $"x-{i}: 0"))), BatchFault.Header },
        { With("Authorization: SharedKey", "Authorization: Shared\rKey"), BatchFault.LineEnds },
        { With("HTTP/1.1\r\n", "HTTP/1.1\n"), BatchFault.LineEnds },
        { With("a:b\r\n", "a:b\n"), BatchFault.LineEnds },
        { With("Length: 0\r\n", "Length: 0\n"), BatchFault.LineEnds },
        { With("application/http\r\n", "application/http\n"), BatchFault.LineEnds },
        { With("Content-ID: 0\r\n\r\n", "Content-ID: 0\r\n\n"), BatchFault.LineEnds },
        { With(Envelope, Envelope.Replace("\r\n", "\n", StringComparison.Ordinal)), BatchFault.LineEnds },
        { With("\r\n", "\r"), BatchFault.NearBoundary },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public void What_could_be_read_in_two_ways_is_refused_whole_and_says_what_is_wrong(string body, string fault)
    {
        var refusal = Read(body, out _);

        Assert.Equal("batch-malformed", refusal?.Reason);
        Assert.Contains(fault, refusal!.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Part_that_is_wrong_is_named_by_its_number()
    {
        var part = Good[..^"--b--\r\n".Length];

        var refusal = Read(part + part + part.Replace("binary", "base64", StringComparison.Ordinal) + part + "--b--\r\n", out _);

        Assert.StartsWith("In part 3 of the batch: " + BatchFault.Encoding, refusal!.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Body_of_line_ends_alone_costs_no_more_memory_than_its_text()
    {
        var body = Encoding.Latin1.GetBytes(new string('\n', BatchReader.MaxBytes));
        BatchReader.Read("multipart/mixed; boundary=b", "x"u8, out _);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Equal("batch-malformed", BatchReader.Read("multipart/mixed; boundary=b", body, out _)?.Reason);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 3 * BatchReader.MaxBytes);
    }

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
