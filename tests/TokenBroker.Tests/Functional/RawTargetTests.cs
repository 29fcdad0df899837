using CsCheck;
using TokenBroker.TestSupport.Network;
using Xunit;

namespace TokenBroker.Tests.Functional;

/// <summary>
/// What storage receives is what the client sent, byte for byte, but for the account in front and the SAS parameters; or
/// nothing at all. Held by a table of hostile names and by generated targets, against a stub that keeps the raw bytes.
/// </summary>
public class RawTargetTests
{
    private static readonly string[] Passed =
    [
        "plain", "%2F", "%2f", "%2B", "+", "%20", "%25", "%3F", "%23", "%C3%28", "a//b", "//lead", "/lead", "trailing.", "trailing/",
        "a/b/", ";v=1", "a;v=1/b;w=2", "$root", "$web", "%24x", "a%2Fb", "a%2fb%2Fc", "%7e%41", "~", "!*'()", "[x]", "{x}", "|", "^", "`", "\"", "<x>",
        "a%5Cb", "%5C%5C", "a\\b", "...", "....", "a..b", "..a", "a..", ".hidden", "a.b.", "%252e%252e", "%2E%2E%2E", "a%2F...%2Fb", "%F0%9F%98%80",
        "%EF%BC%8F", "%C0%AE%C0%AE", "%E2%80%AE", "%0D%0A", "%0d", "%01", "%7F", "%FF", ":", "::", "a:b@c", "@", "user:pw@host", "http://evil.example/x", "&", "=",
        "a&b=c", ",", "CON", "aux.txt", "%2A", "*", "~%7E", "a%20", "%20a", "%09", "x%26y", "x%3Dy", "_", "%E4", "-", "0",
    ];

    private static readonly (string Name, string Reason)[] Refused =
    [
        (".", "dot-segment"), ("..", "dot-segment"), ("./", "dot-segment"), ("../", "dot-segment"), ("a/../b", "dot-segment"), ("a/./b", "dot-segment"),
        ("a/..", "dot-segment"), ("a/.", "dot-segment"), ("%2e", "dot-segment"), ("%2E%2E", "dot-segment"), (".%2e", "dot-segment"), ("%2e.", "dot-segment"),
        ("a/%2e%2e/b", "dot-segment"), ("a%2F..%2Fb", "dot-segment"), ("a%2f%2e%2e%2fb", "dot-segment"), ("a%5C..%5Cb", "dot-segment"),
        ("a%5c..", "dot-segment"), ("a\\..\\b", "dot-segment"), ("a\\.", "dot-segment"), ("..\\", "dot-segment"), ("..%5C", "dot-segment"),
        ("..%2F", "dot-segment"), ("a/..%2fb", "dot-segment"), ("%2", "target-escape"), ("%", "target-escape"), ("%zz", "target-escape"),
        ("%u002e%u002e", "target-escape"), ("a%2", "target-escape"), ("a#b", "target-character"), ("#", "target-character"), ("a\tb", "target-character"),
        ("a\rb", "target-character"), ("a\x7f", "target-character"), ("a\x01", "target-character"), ("a?%63omp=x", "parameter-encoded"),
        ("a?comp=x&COMP=y", "parameter-repeated"), ("a?comp=x&comp=x", "parameter-repeated"),
    ];

    [Fact]
    public async Task Every_name_that_passes_arrives_as_it_was_sent()
    {
        Assert.True(Passed.Length + Refused.Length >= 60);
        await using var broker = await RunningBroker.StartAsync();
        await using var connection = await RawConnection.OpenAsync(broker.Data);
        foreach (var name in Passed)
        {
            var seen = broker.Storage.Requests.Count;
            var answer = await ExchangeAsync(connection, broker, $"/acct/c/{name}?snapshot=a%2fb&sig=x&sv=2021-06-08&y=%7e");

            Assert.True(answer.Header("x-tokenbroker-reason") is null, $"{name}: {answer.Header("x-tokenbroker-reason")}");
            Assert.Equal(seen + 1, broker.Storage.Requests.Count);
            Assert.Equal($"/acct/c/{name}?snapshot=a%2fb&y=%7e", broker.Storage.Requests.All[^1].RawTarget);
        }
    }

    [Fact]
    public async Task Every_name_that_is_refused_says_why_and_storage_sees_nothing()
    {
        await using var broker = await RunningBroker.StartAsync();
        foreach (var (name, reason) in Refused)
        {
            var answer = await broker.GetAsync($"/acct/c/{name}");
            Assert.True(answer.Header("x-tokenbroker-reason") == reason, $"{name}: {answer.Status} {answer.Header("x-tokenbroker-reason")}");
        }

        Assert.Equal(0, broker.Storage.Requests.Count);
    }

    [Fact]
    public async Task Generated_targets_arrive_byte_for_byte_or_not_at_all()
    {
        await using var broker = await RunningBroker.StartAsync();
        await using var connection = await RawConnection.OpenAsync(broker.Data);
        var (sent, arrived) = (0, 0);

        // One connection, one at a time: what the stub saw last belongs to what was sent last.
        await Targets.SampleAsync(async parts =>
        {
            var seen = broker.Storage.Requests.Count;
            var answer = await ExchangeAsync(connection, broker, parts.Path + Join(parts.Query, everything: true));
            sent++;
            if (answer.Header("x-tokenbroker-reason") is not null)
                return broker.Storage.Requests.Count == seen;
            arrived++;
            return broker.Storage.Requests.Count == seen + 1
                && broker.Storage.Requests.All[^1].RawTarget == parts.Path + Join(parts.Query, everything: false);
        }, iter: 400, threads: 1);

        // Or it would prove nothing.
        Assert.InRange(arrived, sent / 4, sent * 9 / 10);
    }

    private sealed record Target(string Path, (string Text, bool IsSas)[] Query);

    private static readonly Gen<string> Piece = Gen.OneOf(
        "a", "b.", "..", ".", "/", "//", "%2F", "%2f", "%5C", "\\", "%2e", "%20", "+", "%25", "~", "%7E", "%C3%28", ";v=1", "$root", "'", "[", "%3F", "%23", "%2B", "%E9");

    private static readonly Gen<(string Text, bool IsSas)> Parameter = Gen.OneOf<(string, bool)>(
        ("sig=a%2Fb%3D", true), ("sv=2021-06-08", true), ("se=2030-01-01T00%3A00%3A00Z", true), ("SP=rw", true), ("sr=b", true), ("skoid=1", true),
        ("rscd=inline", true), ("timeout=5", false), ("prefix=%2f%2F", false), ("x", false), ("x=", false), ("snapshot=2020-01-01T00:00:00.0000000Z", false),
        ("marker=a+b%20c", false), ("sigx=1", false), ("sign=1", false), ("include=a,b", false), ("y=a=b==", false), ("z=?/:@", false));

    private static readonly Gen<Target> Targets =
        from pieces in Piece.Array[0, 6]
        from query in Parameter.Array[0, 5]
        select new Target("/acct/c/" + string.Concat(pieces), query);

    private static string Join((string Text, bool IsSas)[] query, bool everything)
    {
        var kept = query.Where(parameter => everything || !parameter.IsSas).Select(parameter => parameter.Text).ToList();
        return kept.Count == 0 ? "" : "?" + string.Join('&', kept);
    }

    private static async Task<RawResponse> ExchangeAsync(RawConnection connection, RunningBroker broker, string target)
    {
        // HEAD: the answer is short whatever the stub has at that name.
        await connection.SendAsync($"HEAD {target} HTTP/1.1\r\nHost: {broker.Data.Authority}\r\nx-ms-version: 2021-12-02\r\n\r\n");
        return await connection.ReadResponseAsync(toHead: true);
    }
}
