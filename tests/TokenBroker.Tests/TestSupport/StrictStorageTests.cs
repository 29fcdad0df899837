using System.Security.Cryptography;
using System.Text;
using Azure;
using Azure.Storage.Blobs.Models;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Network;
using TokenBroker.TestSupport.Storage;
using Xunit;

namespace TokenBroker.Tests.TestSupport;

/// <summary>The stub serves the real SDK and records what came byte for byte.</summary>
public sealed class StrictStorageTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private StrictStorage _storage = null!;
    private StubClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _storage = await StrictStorage.StartAsync();
        _client = new StubClient(_storage);
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return _storage.DisposeAsync();
    }

    [Fact]
    public async Task Azure_sdk_writes_reads_lists_and_deletes()
    {
        var container = _client.Service().GetBlobContainerClient("pictures");
        await container.CreateAsync(cancellationToken: TestContext.Current.CancellationToken);
        var content = RandomNumberGenerator.GetBytes(300_000);
        var blob = container.GetBlobClient("a b/ü%2F+.png");
        await blob.UploadAsync(new MemoryStream(content), new BlobUploadOptions
        {
            HttpHeaders = new BlobHttpHeaders { ContentType = "image/png" },
            Metadata = new Dictionary<string, string> { ["k"] = "v" },
            TransferOptions = new() { InitialTransferSize = 100_000, MaximumTransferSize = 100_000 },
        });

        var down = await blob.DownloadContentAsync();
        Assert.Equal(content, down.Value.Content.ToArray());
        Assert.Equal("image/png", down.Value.Details.ContentType);
        Assert.Equal("v", down.Value.Details.Metadata["k"]);
        var range = await blob.DownloadContentAsync(new BlobDownloadOptions { Range = new HttpRange(150_000, 70_000) });
        Assert.Equal(content[150_000..220_000], range.Value.Content.ToArray());
        Assert.Equal(300_000, (await blob.GetPropertiesAsync()).Value.ContentLength);

        var exists = await Assert.ThrowsAsync<RequestFailedException>(() => blob.UploadAsync(new MemoryStream(content), overwrite: false));
        Assert.Equal(BlobErrorCode.BlobAlreadyExists, exists.ErrorCode);
        var names = new List<string>();
        await foreach (var item in container.GetBlobsByHierarchyAsync(new GetBlobsByHierarchyOptions { Delimiter = "/" }))
            names.Add(item.IsPrefix ? item.Prefix : item.Blob.Name);
        Assert.Equal(["a b/"], names);

        await blob.DeleteAsync();
        Assert.False(await blob.ExistsAsync());
        await container.DeleteAsync();
        Assert.All(_storage.Requests.All, request => Assert.Equal(_client.Token, request.Bearer));
    }

    [Fact]
    public async Task Body_in_sink_mode_is_hashed_and_not_kept_and_the_pattern_is_made_on_the_fly()
    {
        const long length = 100_000_000;
        _storage.Account().KeepsContent = false;
        _storage.Account().CreateContainer("c");
        var container = _client.Service().GetBlobContainerClient("c");

        await container.GetBlobClient("up").UploadAsync(Pattern.Open(length), new BlobUploadOptions { TransferOptions = new() { InitialTransferSize = length + 1 } });
        var put = Assert.Single(_storage.Requests.All);
        Assert.Equal((length, Pattern.Sha256(length)), (put.BodyLength, put.BodySha256));
        Assert.Equal(length, _storage.Account().Blob("c", "up")!.Length);
        Assert.Null(_storage.Account().Blob("c", "up")!.ToArray());

        using var response = await _client.SendAsync(HttpMethod.Get, $"/acct/c/pattern-{length}");
        await using var stream = await response.Content.ReadAsStreamAsync();
        Assert.Equal(Pattern.Sha256(length), Convert.ToHexStringLower(await SHA256.HashDataAsync(stream)));
        using var part = await _client.SendAsync(HttpMethod.Get, $"/acct/c/pattern-{length}", ("Range", "bytes=2000000-2000099"));
        var expected = new byte[100];
        Pattern.Fill(expected, 2_000_000);
        Assert.Equal(expected, await part.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Request_is_recorded_byte_for_byte_and_in_order()
    {
        await using var connection = await RawConnection.OpenAsync(_storage.Address, _storage.Certificates);
        const string first = "PUT /acct/c/%2f%2B+%20%C3%28//x.?Comp=block&b=%3D HTTP/1.1\r\nx-ZULU: 1\r\nHost: 127.0.0.1\r\naccept: ü\r\nContent-Length: 3\r\nX-Alpha: 2\r\nx-zulu: 3\r\n\r\n";
        const string second = "GET /acct/second HTTP/1.1\r\nHost: 127.0.0.1\r\nB: 1\r\nA: 2\r\n\r\n";

        // Both at once, so that the second stands in the same buffer as the first one's body.
        await connection.SendAsync(first + "abc" + second);
        await connection.ReadResponseAsync();
        await connection.ReadResponseAsync();

        var requests = await _storage.Requests.AtLeastAsync(2, _ => true, Limit);
        Assert.Equal(first, Encoding.Latin1.GetString(requests[0].Head));
        Assert.Equal("/acct/c/%2f%2B+%20%C3%28//x.?Comp=block&b=%3D", requests[0].RawTarget);
        Assert.Equal(["x-ZULU", "Host", "accept", "Content-Length", "X-Alpha", "x-zulu"], requests[0].Headers.Select(header => header.Key));
        Assert.Equal("1,3", requests[0].Header("X-Zulu"));
        Assert.Equal([0xFC], requests[0].HeaderBytes("Accept"));
        Assert.Equal(Encoding.Latin1.GetBytes("Host: 127.0.0.1\r\nB: 1\r\nA: 2\r\n"), requests[1].RawHeaders);
        Assert.Equal(second, Encoding.Latin1.GetString(requests[1].Head));
    }

    [Theory]
    [InlineData("acct.blob.core.windows.net", "/c/pattern-5")]
    [InlineData("acct-secondary.blob.core.windows.net:443", "/c/pattern-5")]
    [InlineData("127.0.0.1", "/acct/c/pattern-5")]
    [InlineData("[::1]:80", "/acct-secondary/c/pattern-5")]
    [InlineData("localhost", "/acct/c/pattern-5")]
    public async Task Account_is_taken_from_the_host_or_from_the_path(string host, string target)
    {
        var response = await RawConnection.ExchangeAsync(_storage.Address,
            $"GET {target} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {_client.Token}\r\nx-ms-version: 2021-12-02\r\n\r\n", _storage.Certificates);

        Assert.Equal(200, response.Status);
        Assert.Equal(5, response.Body.Length);
        Assert.Equal("acct", _storage.Requests.All[0].Account);
    }

    [Fact]
    public async Task Certificate_files_are_ones_that_other_programs_read()
    {
        using var directory = new TemporaryDirectory();
        var files = _storage.Certificates!.WriteTo(directory.Path);

        using var pair = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPemFile(files.Server, files.ServerKey);
        Assert.True(pair.HasPrivateKey);
        Assert.True(pair.MatchesHostname("127.0.0.1"));
        Assert.True(_storage.Certificates.Vouches(pair));
        using var stranger = Certificates.Create();
        Assert.False(stranger.Vouches(pair));
        Assert.Contains("BEGIN CERTIFICATE", await File.ReadAllTextAsync(files.Authority));
    }
}
