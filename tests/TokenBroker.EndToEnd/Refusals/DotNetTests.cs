using Azure;
using Azure.Storage.Blobs;
using TokenBroker.EndToEnd.Sidecars;
using Xunit;

namespace TokenBroker.EndToEnd.Refusals;

/// <summary>What the sidecar refuses reaches a .NET application as the SDK's own exception, with a code, the reason and the cure.</summary>
public class DotNetTests(RefusingSidecars sidecars) : IClassFixture<RefusingSidecars>
{
    [Fact]
    public Task Unknown_account() => AssertRefusedAsync(
        new(sidecars.Working.Sidecar.ConnectionString("nobody"), ChangedRequests.Plain()),
        400, "InvalidUri", "account-unknown", "The sidecar does not serve this account. Start it with --account NAME, or correct the client's endpoint.");

    [Fact]
    public Task Token_that_is_refused() => AssertRefusedAsync(
        new(sidecars.Refused.Sidecar.ConnectionString(), ChangedRequests.Plain()),
        503, "ServerBusy", "token-identity-not-assigned", "Assign the identity to this host, or name one with --identity.");

    [Fact]
    public Task Token_that_does_not_come() => AssertRefusedAsync(
        new(sidecars.Ignored.Sidecar.ConnectionString(), ChangedRequests.Plain()),
        503, "ServerBusy", ["token-pending", "token-timed-out"], ["The sidecar is still waiting for a token. Try again.", "did not answer in time. The sidecar retries automatically."]);

    [Fact]
    public Task Foreign_host() => AssertRefusedAsync(
        new(sidecars.Working.Sidecar.ConnectionString(), ChangedRequests.WithHost("evil.example")),
        403, "AuthorizationFailure", "host-not-allowed", "allow another name with --host.");

    [Theory]
    [InlineData("/acct/things/a/../b")]
    [InlineData("/acct/things/a/%2e%2E/b")]
    [InlineData("/acct/things/a%5c..%5Cb")]
    [InlineData("/acct/../other/things/b")]
    public Task Dot_segment(string target) => AssertRefusedAsync(
        new(sidecars.Working.Sidecar.ConnectionString(), ChangedRequests.WithRawTarget(target)),
        400, "InvalidUri", "dot-segment", "Rename the blob.");

    [Fact]
    public Task Storage_that_cannot_be_reached() => AssertRefusedAsync(
        new(sidecars.Working.Sidecar.ConnectionString(RefusingSidecars.Unreachable), ChangedRequests.Plain()),
        503, "ServerBusy", "upstream-unreachable", "Check the account's name and endpoint, DNS and the network of this host.");

    private static Task AssertRefusedAsync(BlobServiceClient client, int status, string code, string reason, string sentence) =>
        AssertRefusedAsync(client, status, code, [reason], [sentence]);

    private static async Task AssertRefusedAsync(BlobServiceClient client, int status, string code, string[] reasons, string[] sentences)
    {
        var blob = client.GetBlobContainerClient(Scene.Container).GetBlobClient("b");
        var onRead = await Assert.ThrowsAsync<RequestFailedException>(() => blob.DownloadContentAsync());
        var onWrite = await Assert.ThrowsAsync<RequestFailedException>(() => blob.UploadAsync(new BinaryData("x"), overwrite: true));
        // An answer to HEAD has no body: the code is in a header, and the sentence is nowhere.
        var onHead = await Assert.ThrowsAsync<RequestFailedException>(() => blob.GetPropertiesAsync());

        Assert.All(new[] { onRead, onWrite, onHead }, refused =>
        {
            Assert.Equal((status, code), (refused.Status, refused.ErrorCode));
            var headers = refused.GetRawResponse()!.Headers;
            Assert.True(headers.TryGetValue("x-tokenbroker-reason", out var reason));
            Assert.Contains(reason, reasons);
            Assert.Equal(status == 503, headers.TryGetValue("Retry-After", out _));
        });
        Assert.All(new[] { onRead, onWrite }, refused =>
            Assert.Contains(sentences, sentence => refused.Message.Contains(sentence, StringComparison.Ordinal)));
    }
}
