using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using TokenBroker.TestSupport.Storage;

namespace TokenBroker.Tests.TestSupport;

/// <summary>Speaks to the stub as the sidecar does: over https, with a bearer token.</summary>
internal sealed class StubClient : IDisposable
{
    private readonly StrictStorage _storage;
    private readonly HttpClient _http;

    public StubClient(StrictStorage storage)
    {
        _storage = storage;
        _http = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
                    errors == SslPolicyErrors.RemoteCertificateChainErrors && storage.Certificates!.Vouches((X509Certificate2)certificate!),
            },
        });
    }

    public string Token { get; } = UnsignedToken.Create(TimeProvider.System.GetUtcNow().AddHours(1));

    public BlobServiceClient Service() => new(_storage.EndpointOf(), new FixedToken(Token), new BlobClientOptions
    {
        Transport = new HttpClientTransport(_http),
        Retry = { MaxRetries = 0 },
    });

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string target, params (string, string)[] headers) => SendAsync(method, target, null, headers);

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string target, Stream? body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, new Uri(_storage.Address, target)) { Content = body is null ? null : new StreamContent(body) };
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {Token}");
        request.Headers.TryAddWithoutValidation("x-ms-version", "2021-12-02");
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    public void Dispose() => _http.Dispose();

    private sealed class FixedToken(string token) : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => new(token, TimeProvider.System.GetUtcNow().AddHours(1));

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => new(GetToken(requestContext, cancellationToken));
    }
}
