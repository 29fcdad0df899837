using System.Globalization;
using System.Text;
using Azure;
using Azure.Storage;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using TokenBroker.Configuration;
using TokenBroker.TestSupport.Network;
using Xunit;

namespace TokenBroker.Tests.CallerKey;

/// <summary>SharedKey, signed by the real library: what has the key passes, and nothing else does.</summary>
public class SharedKeyTests
{
    [Theory]
    [InlineData("plain")]
    [InlineData("a space")]
    [InlineData("100%")]
    [InlineData("50%2Fhalf")]
    [InlineData("a+b&c=d;e:f@g$h,i'(j)!k*l~m")]
    [InlineData("a#b?c=d")]
    [InlineData("grün/日本/🙂")]
    [InlineData("a//b")]
    [InlineData("trailing.")]
    [InlineData("list/[x]")]
    public async Task Client_with_the_key_does_everything_whatever_the_blob_is_called(string name)
    {
        await using var keyed = await KeyedBroker.StartAsync();
        var container = keyed.Client().GetBlobContainerClient("c");
        var blob = container.GetBlockBlobClient(name);

        await blob.StageBlockAsync("YQ==", new MemoryStream("content"u8.ToArray()));
        await blob.CommitBlockListAsync(["YQ=="], new CommitBlockListOptions
        {
            HttpHeaders = new() { ContentType = "text/plain; charset=utf-8", ContentLanguage = "de" },
            Metadata = new Dictionary<string, string> { ["a_b"] = "1", ["ab"] = "2", ["a1"] = "3", ["_"] = "4" },
        });
        Assert.Equal("content", (await container.GetBlobClient(name).DownloadContentAsync()).Value.Content.ToString());
        Assert.Equal("1", (await blob.GetPropertiesAsync()).Value.Metadata["a_b"]);
        var range = await blob.DownloadStreamingAsync(new() { Range = new(2, 3), Conditions = new() { IfModifiedSince = DateTimeOffset.UnixEpoch } });
        Assert.Equal("nte", await new StreamReader(range.Value.Content).ReadToEndAsync(TestContext.Current.CancellationToken));
        Assert.Contains(name, await NamesAsync(container.GetBlobsAsync(BlobTraits.Metadata, BlobStates.None, name, default)));
        await blob.DeleteAsync();
    }

    private static async Task<List<string>> NamesAsync(AsyncPageable<BlobItem> pages)
    {
        var names = new List<string>();
        await foreach (var item in pages)
            names.Add(item.Name);
        return names;
    }

    [Fact]
    public async Task Client_with_another_key_is_told_what_storage_tells_it_and_storage_sees_nothing()
    {
        await using var keyed = await KeyedBroker.StartAsync();
        var blob = keyed.Client(new StorageSharedKeyCredential("acct", CallerKeys.Generate())).GetBlobContainerClient("c").GetBlobClient("b");

        await RefusedAsync("caller-key-mismatch", "AuthenticationFailed", () => blob.UploadAsync(BinaryData.FromString("x")));
        await RefusedAsync("caller-key-mismatch", "AuthenticationFailed", () => blob.DownloadContentAsync());
        Assert.Equal(0, keyed.Broker.Storage.Requests.Count);
    }

    [Fact]
    public async Task Two_keys_are_good_at_once_so_that_one_can_be_rotated()
    {
        var other = CallerKeys.Generate();
        await using var keyed = await KeyedBroker.StartAsync(more: other);

        await keyed.Client().GetBlobContainerClient("c").GetPropertiesAsync();
        await keyed.Client(new StorageSharedKeyCredential("acct", other)).GetBlobContainerClient("c").GetPropertiesAsync();
    }

    [Theory]
    [InlineData(-14)]
    [InlineData(14)]
    [InlineData(-16, "caller-key-date")]
    [InlineData(16, "caller-key-date")]
    public async Task Clock_may_be_off_by_a_quarter_of_an_hour_as_at_storage(int minutes, string? reason = null)
    {
        await using var keyed = await KeyedBroker.StartAsync();
        var answer = await SendAsync(keyed, "GET", "/acct/c?restype=container", DateTimeOffset.UtcNow.AddMinutes(minutes));

        Assert.Equal(reason, answer.Header("x-tokenbroker-reason"));
    }

    [Theory]
    [InlineData("GET", "/acct/c?restype=container", "/acct/c?restype=container")]
    [InlineData("GET", "/acct/c?restype=container&timeout=30", "/acct/c?timeout=30&restype=container")] // the order is not signed
    [InlineData("GET", "/acct/c/b", "/acct/c/other", "caller-key-mismatch")]
    [InlineData("GET", "/acct/c/b", "/acct/c/B", "caller-key-mismatch")]
    [InlineData("GET", "/acct/c/a%2Fb", "/acct/c/a/b", "caller-key-mismatch")]
    [InlineData("GET", "/acct/c?restype=container", "/acct/c?restype=container&comp=acl", "caller-key-mismatch")]
    [InlineData("GET", "/acct/c?restype=container", "/acct/d?restype=container", "caller-key-mismatch")]
    [InlineData("DELETE", "/acct/c/b?snapshot=1", "/acct/c/b", "caller-key-mismatch")]
    [InlineData("GET", "/acct/c?restype=container&comp=list&prefix=a%0Ax:1", "/acct/c?restype=container&comp=list&prefix=a%0Ax:1", "caller-key-ambiguous")]
    [InlineData("GET", "/acct/c?restype=container&comp=list&prefix=a:b", "/acct/c?restype=container&comp=list&prefix:a=b", "caller-key-ambiguous")]
    public async Task What_was_signed_is_what_is_asked(string method, string written, string sent, string? reason = null)
    {
        await using var keyed = await KeyedBroker.StartAsync();
        var answer = await SendAsync(keyed, method, written, DateTimeOffset.UtcNow, sent);

        Assert.Equal(reason, answer.Header("x-tokenbroker-reason"));
        Assert.Equal(reason is null ? 1 : 0, keyed.Broker.Storage.Requests.Count);
    }

    [Theory]
    [InlineData("", "caller-key-missing")]
    [InlineData("Authorization: SharedKeyLite acct:AAAA\r\n", "caller-key-scheme")]
    [InlineData("Authorization: Bearer abc\r\n", "caller-key-scheme")]
    [InlineData("Authorization: Basic YTpi\r\n", "caller-key-scheme")]
    [InlineData("Authorization: SharedKey acct:\r\n", "caller-key-mismatch")]
    [InlineData("Authorization: SharedKey acct:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n", "caller-key-mismatch")]
    [InlineData("Authorization: SharedKey acct:AAAA\r\nAuthorization: SharedKey acct:BBBB\r\n", "caller-key-both")]
    public async Task Whatever_is_no_signature_with_the_key_is_refused(string header, string reason)
    {
        await using var keyed = await KeyedBroker.StartAsync();
        var answer = await keyed.Broker.GetAsync("/acct/c/b", header);

        Assert.Equal((403, reason), (answer.Status, answer.Header("x-tokenbroker-reason")));
        Assert.Equal(0, keyed.Broker.Storage.Requests.Count);
    }

    [Fact]
    public async Task Host_style_client_signs_the_path_without_the_account()
    {
        await using var keyed = await KeyedBroker.StartAsync();
        var answer = await SendAsync(keyed, "GET", "/c?restype=container", DateTimeOffset.UtcNow, host: $"acct.localhost:{keyed.Broker.Data.Port}");

        Assert.Equal(200, answer.Status);
    }

    /// <summary>What a path-style client signs for one blob is, letter for letter, what a host-style client would sign for another.</summary>
    [Theory]
    [InlineData("GET", "/acct/c/b")]
    [InlineData("DELETE", "/acct/c/b")]
    [InlineData("GET", "/acct/b")]
    [InlineData("GET", "/acct")]
    [InlineData("GET", "/acct?restype=container&comp=list")]
    [InlineData("GET", "/acct-secondary/c/b")]
    public async Task Signature_in_path_style_opens_nothing_in_a_container_that_is_named_like_the_account(string method, string target)
    {
        await using var keyed = await KeyedBroker.StartAsync();
        foreach (var host in new[] { "acct.localhost", "acct.blob.localhost" })
        {
            var answer = await SendAsync(keyed, method, target, DateTimeOffset.UtcNow, host: $"{host}:{keyed.Broker.Data.Port}");
            Assert.Equal((403, "caller-key-style"), (answer.Status, answer.Header("x-tokenbroker-reason")));
        }

        Assert.Equal(0, keyed.Broker.Storage.Requests.Count);
    }

    [Theory]
    [InlineData("/acct/acct/b", "HOST")]
    [InlineData("/acct/acct/acct/b", "HOST")]
    [InlineData("/acct/acct?restype=container", "HOST")]
    [InlineData("/acct-secondary/acct/b", "HOST")]
    [InlineData("/acctx/acct/b", "acct.localhost:PORT")]
    [InlineData("/c/acct/b", "acct.localhost:PORT")]
    public async Task Container_that_is_named_like_the_account_is_opened_in_path_style(string target, string host)
    {
        await using var keyed = await KeyedBroker.StartAsync();
        var answer = await SendAsync(
            keyed, "GET", target, DateTimeOffset.UtcNow, host: host.Replace("PORT", keyed.Broker.Data.Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));

        Assert.Null(answer.Header("x-tokenbroker-reason"));
        Assert.Equal(1, keyed.Broker.Storage.Requests.Count);
    }

    [Theory]
    [InlineData("/acct/acct?restype=container&comp=batch", "/acct/b", "caller-key-style")] // signed like blob b of the root container
    [InlineData("/acct/acct?restype=container&comp=batch", "/acct/c/b", "caller-key-style")]
    [InlineData("/acct/c?restype=container&comp=batch", "/c/b", null)]
    [InlineData("/acct/c?restype=container&comp=batch", "/acct/c/b", null)]
    public async Task Part_of_a_batch_that_leaves_the_account_out_is_not_signed_like_another_blob(string target, string part, string? reason)
    {
        await using var keyed = await KeyedBroker.StartAsync();
        var parts = Part(keyed, part, part) + "--b--\r\n";
        var head = $"Content-Type: multipart/mixed; boundary=b\r\nContent-Length: {parts.Length}\r\n";
        var answer = await SendAsync(keyed, "POST", target, DateTimeOffset.UtcNow, more: head, body: parts);

        Assert.Equal(reason, answer.Header("x-tokenbroker-reason"));
        Assert.Equal(reason is null ? 1 : 0, keyed.Broker.Storage.Requests.Count);
    }

    [Fact]
    public async Task Header_that_was_added_after_signing_makes_it_another_request()
    {
        await using var keyed = await KeyedBroker.StartAsync();
        var answer = await SendAsync(keyed, "GET", "/acct/c/b", DateTimeOffset.UtcNow, more: "x-ms-lease-id: 1\r\n");

        Assert.Equal("caller-key-mismatch", answer.Header("x-tokenbroker-reason"));
    }

    [Theory]
    [InlineData("/acct/c/one", "/acct/c/two", null)]
    [InlineData("acct/c/one", "/acct/c/two", null)] // .NET signs the address that the path is of
    [InlineData("/c/one", "/acct/c/two", null)] // Java signs the path that it writes
    [InlineData("/acct/c/one", null, "caller-key-missing")]
    public async Task Every_part_of_a_batch_is_signed_by_itself(string first, string? second, string? reason)
    {
        await using var keyed = await KeyedBroker.StartAsync();
        var parts = Part(keyed, first, first.StartsWith('/') ? first : "/" + first) + Part(keyed, "/acct/c/two", second) + "--b--\r\n";
        var head = $"Content-Type: multipart/mixed; boundary=b\r\nContent-Length: {parts.Length}\r\n";
        var answer = await SendAsync(keyed, "POST", "/acct/?comp=batch", DateTimeOffset.UtcNow, more: head, body: parts);

        Assert.Equal(reason, answer.Header("x-tokenbroker-reason"));
        Assert.Equal(reason is null ? 1 : 0, keyed.Broker.Storage.Requests.Count);
    }

    private static string Part(KeyedBroker keyed, string target, string? signed)
    {
        var date = DateTimeOffset.UtcNow.ToString("r", CultureInfo.InvariantCulture);
        var authorization = signed is null ? "" : $"Authorization: SharedKey acct:{keyed.Sign($"DELETE{Lines(11)}\nx-ms-date:{date}\n/acct{signed}")}\r\n";
        return $"--b\r\nContent-Type: application/http\r\n\r\nDELETE {target} HTTP/1.1\r\nx-ms-date: {date}\r\n{authorization}Content-Length: 0\r\n\r\n";
    }

    /// <summary>Signs one target by the published rules, and sends another.</summary>
    private static Task<RawResponse> SendAsync(
        KeyedBroker keyed, string method, string signed, DateTimeOffset date, string? sent = null, string host = "HOST", string more = "", string body = "")
    {
        var time = date.ToString("r", CultureInfo.InvariantCulture);
        var length = body.Length > 0 ? body.Length.ToString(CultureInfo.InvariantCulture) : "";
        var type = body.Length > 0 ? "multipart/mixed; boundary=b" : "";
        var path = signed.Split('?')[0];
        var query = signed.Contains('?', StringComparison.Ordinal)
            ? string.Concat(signed.Split('?')[1].Split('&').Order(StringComparer.Ordinal).Select(pair => "\n" + Uri.UnescapeDataString(pair.Replace('=', ':'))))
            : "";
        var text = $"{method}\n\n\n{length}\n\n{type}{Lines(6)}\nx-ms-date:{time}\nx-ms-version:2021-12-02\n/acct{path}{query}";
        return keyed.Broker.SendAsync($"{method} {sent ?? signed} HTTP/1.1\r\nHost: {host}\r\nx-ms-version: 2021-12-02\r\nx-ms-date: {time}\r\n{more}"
            + $"Authorization: SharedKey acct:{keyed.Sign(text)}\r\n\r\n{body}");
    }

    private static string Lines(int count) => new StringBuilder().Insert(0, "\n", count).ToString();

    internal static async Task RefusedAsync(string reason, string code, Func<Task> run)
    {
        var refusal = await Assert.ThrowsAsync<RequestFailedException>(run);
        Assert.Equal((403, code), (refusal.Status, refusal.ErrorCode));
        Assert.True(refusal.GetRawResponse()!.Headers.TryGetValue("x-tokenbroker-reason", out var given));
        Assert.Equal(reason, given);
    }
}
