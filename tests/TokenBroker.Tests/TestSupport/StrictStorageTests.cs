using System.Net.Security;
using System.Security.Cryptography;
using System.Text;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Network;
using TokenBroker.TestSupport.Storage;
using Xunit;

namespace TokenBroker.Tests.TestSupport;

/// <summary>The stub serves the real SDK, records what came byte for byte, and does what a test plans.</summary>
public sealed class StrictStorageTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly string Token = UnsignedToken.Create(TimeProvider.System.GetUtcNow().AddHours(1));

    private StrictStorage _storage = null!;
    private HttpClient _http = null!;

    public async ValueTask InitializeAsync()
    {
        _storage = await StrictStorage.StartAsync();
        _http = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
                    errors == SslPolicyErrors.RemoteCertificateChainErrors
                    && _storage.Certificates!.Vouches((System.Security.Cryptography.X509Certificates.X509Certificate2)certificate!),
            },
        });
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _storage.DisposeAsync();
    }

    [Fact]
    public async Task Azure_sdk_writes_reads_lists_and_deletes()
    {
        var container = Service().GetBlobContainerClient("pictures");
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
        Assert.All(_storage.Requests.All, request => Assert.Equal(Token, request.Bearer));
    }

    [Fact]
    public async Task Body_in_sink_mode_is_hashed_and_not_kept_and_the_pattern_is_made_on_the_fly()
    {
        const long length = 100_000_000;
        _storage.Account().KeepsContent = false;
        _storage.Account().CreateContainer("c");
        var container = Service().GetBlobContainerClient("c");

        await container.GetBlobClient("up").UploadAsync(Pattern.Open(length), new BlobUploadOptions { TransferOptions = new() { InitialTransferSize = length + 1 } });
        var put = Assert.Single(_storage.Requests.All);
        Assert.Equal((length, Pattern.Sha256(length)), (put.BodyLength, put.BodySha256));
        Assert.Equal(length, _storage.Account().Blob("c", "up")!.Length);
        Assert.Null(_storage.Account().Blob("c", "up")!.ToArray());

        using var response = await SendAsync(HttpMethod.Get, $"/acct/c/pattern-{length}");
        await using var stream = await response.Content.ReadAsStreamAsync();
        Assert.Equal(Pattern.Sha256(length), Convert.ToHexStringLower(await SHA256.HashDataAsync(stream)));
        using var part = await SendAsync(HttpMethod.Get, $"/acct/c/pattern-{length}", ("Range", "bytes=2000000-2000099"));
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
            $"GET {target} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {Token}\r\nx-ms-version: 2021-12-02\r\n\r\n", _storage.Certificates);

        Assert.Equal(200, response.Status);
        Assert.Equal(5, response.Body.Length);
        Assert.Equal("acct", _storage.Requests.All[0].Account);
    }

    [Fact]
    public async Task Planned_answers_come_first_and_are_used_up()
    {
        _storage.AnswerNext(PlannedAnswer.Busy with { Headers = new Dictionary<string, string> { ["Retry-After"] = "7" } }, times: 2);
        _storage.AnswerNext(new PlannedAnswer { Status = 200, Body = [1, 2, 3] }, when: request => request.RawTarget.EndsWith("/special", StringComparison.Ordinal));

        using var special = await SendAsync(HttpMethod.Get, "/acct/special");
        using var busy = await SendAsync(HttpMethod.Get, "/acct/c/pattern-1");
        using var normal = await SendAsync(HttpMethod.Get, "/acct/c/pattern-1");
        using var specialAfter = await SendAsync(HttpMethod.Get, "/acct/special");

        Assert.Equal(503, (int)special.StatusCode);
        Assert.Equal("7", special.Headers.GetValues("Retry-After").Single());
        Assert.Equal("ServerBusy", busy.Headers.GetValues("x-ms-error-code").Single());
        Assert.Equal(200, (int)normal.StatusCode);
        Assert.Equal([1, 2, 3], await specialAfter.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Held_request_is_recorded_at_once_and_served_on_release()
    {
        var release = new TaskCompletionSource();
        _storage.AnswerNext(PlannedAnswer.Hold(release.Task));

        var response = SendAsync(HttpMethod.Get, "/acct/c/pattern-1");
        var request = await _storage.Requests.FirstAsync(_ => true, Limit);
        Assert.False(request.Done.IsCompleted);
        Assert.Equal(1, _storage.OpenConnections);
        release.SetResult();

        Assert.Equal(200, (int)(await response).StatusCode);
        await request.Done.WaitAsync(Limit);
        Assert.Equal(200, request.Status);
    }

    [Fact]
    public async Task Early_answer_comes_before_the_body_is_read()
    {
        _storage.AnswerNext(PlannedAnswer.Error(403, "AuthorizationFailure") with { ReadsBody = false });
        await using var connection = await RawConnection.OpenAsync(_storage.Address, _storage.Certificates);

        await connection.SendAsync("PUT /acct/c/b HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n");
        var response = await connection.ReadResponseAsync();

        Assert.Equal("AuthorizationFailure", response.Header("x-ms-error-code"));
        Assert.Equal(0, _storage.Requests.All[0].BodyLength);
    }

    [Fact]
    public async Task Connection_is_reset_where_planned()
    {
        _storage.AnswerNext(PlannedAnswer.Reset);
        await using (var before = await RawConnection.OpenAsync(_storage.Address, _storage.Certificates))
        {
            await before.SendAsync("GET /acct/c/pattern-1 HTTP/1.1\r\nHost: x\r\n\r\n");
            Assert.True(await before.IsClosedByPeerAsync());
        }

        _storage.AnswerNext(new PlannedAnswer { ResetAfterResponseBytes = 100_000 });
        using var response = await SendAsync(HttpMethod.Get, "/acct/c/pattern-1000000");
        Assert.Equal(1_000_000, response.Content.Headers.ContentLength);
        await Assert.ThrowsAnyAsync<Exception>(() => response.Content.ReadAsByteArrayAsync());

        _storage.AnswerNext(new PlannedAnswer { ResetAfterRequestBytes = 100_000 });
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => SendAsync(HttpMethod.Put, "/acct/c/b", Pattern.Open(50_000_000)));

        var requests = _storage.Requests.All;
        await Task.WhenAll(requests.Select(request => request.Done)).WaitAsync(Limit);
        Assert.All(requests, request => Assert.True(request.Aborted));
        Assert.Equal([0, 200, 0], requests.Select(request => request.Status));
        await Wait.UntilAsync(() => _storage.OpenConnections == 0, Limit, "all connections closed");
    }

    [Fact]
    public async Task Upload_that_the_client_breaks_off_is_stored_nowhere()
    {
        _storage.Account().CreateContainer("c");
        await using (var connection = await RawConnection.OpenAsync(_storage.Address, _storage.Certificates))
        {
            await connection.SendAsync($"PUT /acct/c/b HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {Token}\r\nx-ms-version: 2021-12-02\r\nx-ms-blob-type: BlockBlob\r\nContent-Length: 1000000\r\n\r\nabc");
            await _storage.Requests.FirstAsync(_ => true, Limit);
            connection.Reset();
        }

        var request = _storage.Requests.All[0];
        await request.Done.WaitAsync(Limit);
        Assert.True(request.Aborted);
        Assert.Empty(request.BodySha256);
        Assert.Null(_storage.Account().Blob("c", "b"));
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

    private BlobServiceClient Service() => new(_storage.EndpointOf(), new FixedToken(), new BlobClientOptions
    {
        Transport = new HttpClientTransport(_http),
        Retry = { MaxRetries = 0 },
    });

    private Task<HttpResponseMessage> SendAsync(HttpMethod method, string target, params (string, string)[] headers) => SendAsync(method, target, null, headers);

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string target, Stream? body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, new Uri(_storage.Address, target)) { Content = body is null ? null : new StreamContent(body) };
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {Token}");
        request.Headers.TryAddWithoutValidation("x-ms-version", "2021-12-02");
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private sealed class FixedToken : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => new(Token, TimeProvider.System.GetUtcNow().AddHours(1));

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => new(GetToken(requestContext, cancellationToken));
    }
}
