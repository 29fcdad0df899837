using TokenBroker.TestSupport.Network;
using TokenBroker.TestSupport.Storage;
using Xunit;

namespace TokenBroker.Tests.TestSupport;

/// <summary>A stub with two accounts and a container <c>c</c> in each, spoken to over a raw socket: what is sent is what the test says.</summary>
public abstract class StubTestBase : IAsyncLifetime
{
    protected static string Token { get; } = UnsignedToken.Create(TimeProvider.System.GetUtcNow().AddHours(1));

    protected StrictStorage Storage { get; private set; } = null!;

    protected StorageAccount Account => Storage.Account();

    protected StorageAccount Other => Storage.Account("other");

    public async ValueTask InitializeAsync()
    {
        Storage = await StrictStorage.StartAsync(new StrictStorageOptions { Accounts = [new("acct"), new("other")], Https = false });
        Account.CreateContainer("c");
        Other.CreateContainer("c");
    }

    public async ValueTask DisposeAsync()
    {
        await Storage.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Sends with a bearer, a version that knows everything, and the body's length.</summary>
    /// <param name="headers">Further header lines, separated by <c>|</c>.</param>
    protected Task<RawResponse> SendAsync(string method, string target, string headers = "", string body = "", string version = "2021-12-02")
    {
        var length = method is "PUT" or "POST" ? $"Content-Length: {body.Length}\r\n" : "";
        var further = headers.Length == 0 ? "" : headers.Replace("|", "\r\n", StringComparison.Ordinal) + "\r\n";
        return RawConnection.ExchangeAsync(Storage.Address,
            $"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {Token}\r\nx-ms-version: {version}\r\n{length}{further}\r\n{body}");
    }

    protected Task<RawResponse> PutBlobAsync(string target, string body, string headers = "") =>
        SendAsync("PUT", target, "x-ms-blob-type: BlockBlob" + (headers.Length == 0 ? "" : "|" + headers), body);

    protected static void AssertIs(int status, string? code, RawResponse response) =>
        Assert.Equal((status, code), (response.Status, response.Header("x-ms-error-code")));
}
