using System.Text;
using CsCheck;

namespace TokenBroker.Tests.Fuzzing;

/// <summary>A batch: where it is sent, and its body, each byte a character.</summary>
internal sealed record BatchCase(string Policy, string Target, string Host, string ContentType, string Body)
{
    private static readonly Gen<(string Target, string Host)> Outer = Gen.OneOf(
        ("/acct?comp=batch", "127.0.0.1:11000"), ("/acct/?comp=batch", "127.0.0.1:11000"), ("/acct/c?restype=container&comp=batch", "127.0.0.1:11000"), ("/acct/c?restype=container&comp=batch", "127.0.0.1:11000"),
        ("/emul?comp=batch", "localhost"), ("/emul/emul?restype=container&comp=batch", "localhost"), ("/emul/c?restype=container&comp=batch", "localhost"), ("/?comp=batch", "acct.blob.localhost:11000"),
        ("/c?restype=container&comp=batch", "acct.blob.localhost"), ("/acct/%24web?restype=container&comp=batch", "localhost"), ("/acct/acct?restype=container&comp=batch", "localhost"), ("/other?comp=batch", "localhost"));

    /// <summary>Stand in a part for the batch's own account and container.</summary>
    private const string Own = "/{account}", OwnContainer = "/{container}";

    /// <summary>The same account without its slash, as .NET writes it.</summary>
    private const string BareOwn = "{bare}";

    /// <summary>Policies that a batch may come under, more often than others.</summary>
    private static readonly Gen<string> Policies = Gen.Frequency(
        (1, PolicyTexts.Any), (2, Gen.OneOf("", "c:write,delete", ":write,delete", "acct,emul,$web:", "c:delete", "emul,c:write")));

    private static readonly Gen<string> Lines = Gen.Select(
        Gen.Frequency((12, "DELETE"), (8, "PUT"), (1, "GET"), (1, "delete"), (1, "POST")),
        Gen.Frequency((90, Own), (5, "/acct"), (5, ""), (6, "/emul"), (6, "/other"), (1, "/acct-secondary"), (1, "//acct"), (1, "/acct@evil.example"), (1, "https://evil.example/acct"), (6, BareOwn), (3, "acct"), (3, "emul")),
        Gen.Frequency((50, OwnContainer), (5, "/c"), (2, "/$web"), (2, "/%24web"), (2, "/acct"), (2, "/emul"), (1, "/d"), (1, "/C"), (1, "/%63"), (1, "/c;x"), (1, "/c/../d"), (1, "/logs-a"), (1, "")),
        Gen.OneOf("/b", "/b", "/b", "/b", "/b", "/b", "/b", "/b", "/b", "/a/b", "/a%20b", "/a%2Fb", "/a;b", "/../d/x", "/%2e%2e/d/x", "/..%5cd", "/%252e%252e/%252e%252e/d/x", "//b", "/", "/ü", ""),
        Gen.Frequency((16, ""), (12, "?comp=tier"), (2, "?comp=TIER&versionid=1"), (2, "?sv=2021-06-08&sig=x&sp=d"), (1, "?snapshot=x"), (1, "?comp=tags"), (1, "?comp=t%69er"), (1, "?comp=tier;comp=tags"), (1, "?comp=expiry"), (1, "?restype=container"),
            (1, "?comp=tier&%63omp=acl"), (1, "?comp=%2574ier"), (1, "?comp=batch"), (1, "?COMP=tier&comp=tags"), (1, "?x=;restype=container")),
        Gen.Frequency((60, " HTTP/1.1"), (1, " HTTP/1.0"), (1, ""), (1, "  HTTP/1.1")),
        (method, account, container, blob, query, end) => method + " " + account + container + blob + query + end);

    private static readonly Gen<string> Header = Gen.Frequency(
        (3, "Content-Length: 0"), (3, "x-ms-access-tier: Cool"), (2, "Authorization: SharedKey acct:x"), (2, "x-ms-date: Thu, 01 Jan 2026 00:00:00 GMT"), (1, "Content-Length: 5"), (1, "Host: other.blob.core.windows.net"),
        (1, "x-ms-copy-source: https://acct.blob.core.windows.net/d/s"), (1, "x-ms-if-tags: x"), (1, "X-MS-Tags: a=b"), (1, "Cookie: a"), (1, "Proxy-Authorization: x"), (1, "Connection: x-ms-if-tags"), (1, "Transfer-Encoding: chunked"),
        (1, "x-ms-version: 2015-02-21"), (1, "X-HTTP-Method: PUT"), (1, "If-None-Match: *"), (1, " folded"), (1, "a: b\rc: d"), (1, "x-ms-meta-ü: 1"), (1, "x-ms-client-request-id: ü"), (1, "authorization: Bearer own"), (1, ":x"), (1, "Expect: 100-continue"));

    private static readonly Gen<string[]> Headers = Gen.Frequency((5, Gen.Const(new[] { "Content-Length: 0" })), (3, Header.Array[0, 3]));

    private static readonly Gen<string> Envelope = Gen.Frequency(
        (80, "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: #"), (2, "content-id: #\r\ncontent-type: Application/HTTP"), (2, "Content-Type: application/http"),
        (1, "Content-Type: application/http; x=1"), (1, "Content-Type: application/http\r\nContent-Transfer-Encoding: 8bit"), (1, "Content-Type: application/http\r\nContent-Transfer-Encoding: base64"), (1, "Content-Type: application/http\nContent-ID: #"), (1, "Content-Type: text/plain"), (1, "Content-ID: #\r\nContent-ID: 7\r\nContent-Type: application/http"), (1, "Content-Type: application/http\r\nX: y"), (1, ""));

    private static readonly Gen<string> Part = Gen.Select(Envelope, Lines, Headers, Gen.Frequency((20, "\r\n"), (3, "\n"), (1, "\r")),
        (envelope, line, headers, end) => $"{envelope}\r\n\r\n{line}{end}{string.Concat(headers.Select(header => header + end))}\r\n");

    /// <summary>What may stand around the parts, and whether all lines end with LF.</summary>
    private static readonly Gen<(string Preamble, string Epilogue, bool IsLf)> Frames = Gen.Frequency(
        (40, ("", "", false)), (3, ("", "", true)), (2, ("\r\n", "\r\n", false)), (1, ("text\r\n", "more\r\n", false)), (1, ("--\r\n", "", false)), (1, ("", "--b\r\n", false)));

    /// <summary>A count just about storage's limit now and then: such a body costs as much as a hundred others.</summary>
    private static readonly Gen<string[]> Parts = Gen.Frequency(
        (500, Part.Array[1]), (100, Part.Array[2, 4]), (1, Gen.Select(Part, Gen.Int[255, 258], (part, count) => Enumerable.Repeat(part, count).ToArray())));

    private static readonly Gen<(string ContentType, string Boundary)> Boundaries = Gen.Frequency(
        (40, ("multipart/mixed; boundary=b", "b")), (3, ("multipart/mixed; boundary=\"b b\"", "b b")), (1, ("multipart/mixed; boundary=b", "c")), (1, ("multipart/form-data; boundary=b", "b")), (1, ("multipart/mixed; boundary=b; boundary=c", "c")), (1, ("", "b")),
        (3, ("multipart/mixed; boundary================1==", "===============1==")), (3, ("multipart/mixed; charset=x;Boundary = batch_a/b+c== ", "batch_a/b+c==")), (1, ("multipart/mixed; boundary=\"a\\?b\"", "a?b")),
        (1, ("multipart/mixed; boundary=b", "b \t")), (1, ("multipart/mixed; boundary=b", "bb")), (1, ("multipart/mixed; boundary=b--", "b--")), (1, ("multipart/mixed; boundary=DELETE", "DELETE")));

    public static Gen<BatchCase> Any { get; } = Gen.Select(
        Gen.Select(Policies, Outer, Boundaries), Parts, Frames, Mutation.Few, Of);

    private static BatchCase Of(
        (string Policy, (string Target, string Host) Outer, (string ContentType, string Boundary) Content) what, string[] parts,
        (string Preamble, string Epilogue, bool IsLf) frame, Mutation[] mutations)
    {
        var (path, isHostStyle) = (what.Outer.Target.Split('?')[0], what.Outer.Host.StartsWith("acct", StringComparison.Ordinal));
        var names = (isHostStyle ? "" : "/") + path.Trim('/');
        var account = isHostStyle ? "" : "/" + names.Split('/')[1];
        var container = names.Length > account.Length ? "/" + names[account.Length..].Trim('/') : "/c";
        var body = new StringBuilder(frame.Preamble);
        for (var i = 0; i < parts.Length; i++)
            body.Append("--").Append(what.Content.Boundary).Append("\r\n").Append(parts[i]
                .Replace("#", $"{i}", StringComparison.Ordinal).Replace(Own, account, StringComparison.Ordinal).Replace(BareOwn, account.TrimStart('/'), StringComparison.Ordinal).Replace(OwnContainer, container, StringComparison.Ordinal));
        body.Append("--").Append(what.Content.Boundary).Append("--\r\n").Append(frame.Epilogue);
        if (frame.IsLf)
            body.Replace("\r\n", "\n");
        return new(what.Policy, what.Outer.Target, what.Outer.Host, what.Content.ContentType, Mutation.Apply(mutations, body.ToString()));
    }
}
