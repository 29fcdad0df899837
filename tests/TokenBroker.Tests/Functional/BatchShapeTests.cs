using System.Text;
using TokenBroker.Tests.Proxy;
using TokenBroker.TestSupport.Network;
using TokenBroker.TestSupport.Storage;
using Xunit;

namespace TokenBroker.Tests.Functional;

/// <summary>Batches as libraries write them reach storage in one canonical form, whatever their boundary, line ends and targets are.</summary>
public class BatchShapeTests
{
    public static TheoryData<string, string, string, string> Shapes => BatchShapes.All;

    private static Task<RunningBroker> StartAsync() => RunningBroker.StartAsync(
        options => options with
        {
            Accounts = [.. options.Accounts, options.Accounts[0] with { Name = "other", Endpoint = new(options.Accounts[0].Endpoint, "/other"), SecondaryEndpoint = null }],
        },
        prepare: (_, storage) =>
        {
            foreach (var container in new[] { "acct", "other", "$web", "$root", "stranger" })
                storage.Account().CreateContainer(container);
        });

    private static Task<RawResponse> PostAsync(RunningBroker broker, string body, string target = "/acct?comp=batch", string host = "", string contentType = "multipart/mixed; boundary=b") =>
        broker.SendAsync($"POST {target} HTTP/1.1\r\nHost: {(host.Length == 0 ? "HOST" : $"{host}:{broker.Data.Port}")}\r\nx-ms-version: 2021-12-02\r\n"
            + $"Content-Type: {contentType}\r\nContent-Length: {body.Length}\r\n\r\n{body}");

    private static string Part(string request, int id = 0) =>
        $"--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: {id}\r\n\r\n{request} HTTP/1.1\r\nx-ms-date: now\r\nContent-Length: 0\r\n\r\n";

    /// <summary>Storage reads its own, strict way; and what it sees is this and nothing else.</summary>
    private static async Task AssertIsCanonicalAsync(RunningBroker broker, params string[] requests)
    {
        var seen = Assert.Single(broker.Storage.Requests.All);
        await seen.Done.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken); // the client may see the answer first
        Assert.Equal((202, requests.Length), (seen.Status, seen.Parts.Count));
        var token = Assert.Single(broker.Metadata.Tokens).Value;
        var boundary = seen.Header("Content-Type")!["multipart/mixed; boundary=".Length..];
        Assert.Matches("^batch_[0-9a-f-]{36}$", boundary);
        var expected = string.Concat(requests.Select((request, id) =>
            $"--{boundary}\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: {id}\r\n\r\n"
            + $"{request} HTTP/1.1\r\nx-ms-date: now\r\nContent-Length: 0\r\nAuthorization: Bearer {token}\r\n\r\n"));
        Assert.Equal($"{expected}--{boundary}--\r\n", Encoding.Latin1.GetString(seen.Body));
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Every_form_of_a_target_reaches_storage_as_one_or_is_refused(string outer, string host, string target, string expected)
    {
        await using var broker = await StartAsync();

        var answer = await PostAsync(broker, Part($"DELETE {target}") + "--b--\r\n", outer, host);

        if (answer.Header("x-tokenbroker-reason") is { } reason)
        {
            Assert.Equal((expected, 0), (reason, broker.Storage.Requests.Count));
            return;
        }

        await AssertIsCanonicalAsync(broker, "DELETE /acct/" + expected + (target.EndsWith('?') ? "?" : ""));
    }

    [Theory]
    [InlineData("===============7330845974216740156==", false)] // Python up to azure-storage-blob 12.12
    [InlineData("batch_z/4XKQ+8fT2B/w==", false)] // Rust's object_store
    [InlineData("batch_z/4XKQ+8fT2B/w==", true)]
    [InlineData("a(b):c?,d'_.e", false)]
    [InlineData("b b", true)]
    public async Task Every_boundary_is_read_and_storage_sees_our_own(string boundary, bool quoted)
    {
        await using var broker = await StartAsync();
        var body = (Part("DELETE /acct/c/x") + Part("DELETE /acct/c/y", 1)).Replace("--b\r\n", $"--{boundary}\r\n", StringComparison.Ordinal) + $"--{boundary}--\r\n";

        await PostAsync(broker, body, contentType: $"multipart/mixed; boundary={(quoted ? $"\"{boundary}\"" : boundary)}");

        await AssertIsCanonicalAsync(broker, "DELETE /acct/c/x", "DELETE /acct/c/y");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Lines_that_end_with_LF_alone_are_read_in_requests_and_in_whole_batches(bool everywhere)
    {
        await using var broker = await StartAsync();
        var part = Part("DELETE /acct/c/x");
        var head = part.IndexOf("DELETE", StringComparison.Ordinal);
        var lines = part[head..].Replace("\r\n", "\n", StringComparison.Ordinal);

        await PostAsync(broker, everywhere ? (part + "--b--\r\n").Replace("\r\n", "\n", StringComparison.Ordinal) : $"{part[..head]}{lines}\r\n--b--\r\n");

        await AssertIsCanonicalAsync(broker, "DELETE /acct/c/x");
    }

    [Theory]
    [InlineData("b", "c", null, "boundary")]
    [InlineData("x-ms-date: now\r\n", "x-ms-date: now\n", "part 2", "line ends")]
    [InlineData("binary", "base64", "part 2", "encoding")]
    [InlineData("--b--\r\n", "", "part 2", "closing boundary")]
    public async Task Refusal_says_what_is_wrong_with_a_batch_and_where(string what, string instead, string? part, string word)
    {
        await using var broker = await StartAsync();
        var body = Part("DELETE /acct/c/y", 1) + "--b--\r\n";
        body = part is null ? body : Part("DELETE /acct/c/x") + body.Replace(what, instead, StringComparison.Ordinal);

        var answer = await PostAsync(broker, body, contentType: $"multipart/mixed; boundary={(part is null ? instead : "b")}");

        Assert.Equal((400, "batch-malformed"), (answer.Status, answer.Header("x-tokenbroker-reason")));
        Assert.Contains(word, answer.Text, StringComparison.Ordinal);
        Assert.Contains(part ?? word, answer.Text, StringComparison.Ordinal);
        Assert.Equal(0, broker.Storage.Requests.Count);
    }

    [Theory]
    [InlineData("gzip", "batch-malformed")]
    [InlineData("identity, br", "batch-malformed")]
    [InlineData("Identity", null)]
    [InlineData("", null)]
    public async Task Body_that_says_it_is_compressed_is_not_read_as_plain(string encoding, string? reason)
    {
        await using var broker = await StartAsync();

        var answer = await PostAsync(broker, Part("DELETE /acct/c/x") + "--b--\r\n", contentType: $"multipart/mixed; boundary=b\r\nContent-Encoding: {encoding}");

        Assert.Equal(reason, answer.Header("x-tokenbroker-reason"));
        Assert.Equal(reason is null ? 1 : 0, broker.Storage.Requests.Count);
        Assert.Equal(reason is not null, answer.Text.Contains("without Content-Encoding", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Two_content_types_are_not_one()
    {
        await using var broker = await StartAsync();

        var answer = await PostAsync(broker, Part("DELETE /acct/c/x") + "--b--\r\n", contentType: "multipart/mixed; boundary=b\r\nContent-Type: multipart/mixed; boundary=b");

        Assert.Equal("batch-malformed", answer.Header("x-tokenbroker-reason"));
    }
}
