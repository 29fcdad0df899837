using System.Net.Http.Headers;
using System.Text.Json;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.Local;

namespace TokenBroker.EndToEnd.RealAzure;

/// <summary>
/// What nobody could tell without a real account. Nothing here passes or fails: it is written down. Asked directly, with a
/// token that this process gets from the metadata endpoint itself.
/// </summary>
internal sealed class OpenPoints(AzureAccount account, string container, Observations observations)
{
    private const string FakeToken = "eyJhbGciOiJub25lIn0.e30.c2ln";

    private readonly HttpClient _http = account.Setting("Upstream", "CertificateAuthority") is { } authority
        ? new HttpClient(TrustedConnection.CreateHandler(authority))
        : Http.CreateClient();

    private string _token = "";

    public async Task ObserveAsync()
    {
        _token = await AskMetadataEndpointAsync();
        var blob = $"{container}/open-points";
        await SeeAsync("Put Blob with a bearer", HttpMethod.Put, blob, _token, prepare: request =>
        {
            request.Headers.Add("x-ms-blob-type", "BlockBlob");
            request.Content = new ByteArrayContent("open points"u8.ToArray());
        });
        await SeeAsync("a bearer and a SAS together", HttpMethod.Get, $"{blob}?sv=2021-06-08&sr=b&sp=r&se=2030-01-01T00:00:00Z&sig=AAAA", _token);
        await SeeAsync("a bearer without x-ms-version", HttpMethod.Get, blob, _token, version: null);
        await SeeAsync("a bearer with x-ms-version 2017-07-29", HttpMethod.Get, blob, _token, version: "2017-07-29");
        await SeeAsync("a token that is none", HttpMethod.Get, blob, FakeToken);
        await SeeAsync("the same as HEAD", HttpMethod.Head, blob, FakeToken);
        // Over http goes a token that opens nothing.
        await SeeAsync("a token that is none, over http", HttpMethod.Get, blob, FakeToken, scheme: "http");
        foreach (var version in new[] { "2019-12-12", "2020-04-08", "2020-10-02" })
            await SeeAsync($"Put Blob From URL with a token for the source, x-ms-version {version}", HttpMethod.Put, $"{container}/copied", _token, version, prepare: FromUrl(blob));
        foreach (var length in new[] { 1024, 1025, 4096 })
            await SeeAsync($"x-ms-client-request-id of {length} characters", HttpMethod.Get, blob, _token, prepare: request => request.Headers.Add("x-ms-client-request-id", new string('x', length)));
    }

    private Action<HttpRequestMessage> FromUrl(string blob) => request =>
    {
        request.Headers.Add("x-ms-blob-type", "BlockBlob");
        request.Headers.Add("x-ms-copy-source", At(blob, account.Endpoint.Scheme).AbsoluteUri);
        request.Headers.Add("x-ms-copy-source-authorization", "Bearer " + _token);
        request.Content = new ByteArrayContent([]);
    };

    private async Task SeeAsync(
        string what, HttpMethod method, string target, string token, string? version = Http.Version, string scheme = "https", Action<HttpRequestMessage>? prepare = null)
    {
        try
        {
            using var request = new HttpRequestMessage(method, At(target, scheme));
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            if (version is not null)
                request.Headers.Add("x-ms-version", version);
            prepare?.Invoke(request);
            using var response = await _http.SendAsync(request);
            var code = response.Headers.TryGetValues("x-ms-error-code", out var codes) ? codes.First() : "no code";
            observations.Add(what, $"{(int)response.StatusCode} {code}{(response.Headers.WwwAuthenticate.Count > 0 ? ", WWW-Authenticate" : "")}");
        }
        catch (HttpRequestException error)
        {
            observations.Add(what, error.HttpRequestError.ToString());
        }
    }

    private Uri At(string target, string scheme) => new UriBuilder($"{account.Endpoint.AbsoluteUri.TrimEnd('/')}/{target}")
    {
        Scheme = scheme,
        Port = scheme == "http" && account.Endpoint.IsDefaultPort ? 80 : account.Endpoint.Port,
    }.Uri;

    private async Task<string> AskMetadataEndpointAsync()
    {
        var endpoint = new Uri(account.Setting("MetadataEndpoint") ?? "http://169.254.169.254");
        using var request = new HttpRequestMessage(HttpMethod.Get,
            new Uri(endpoint, "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fstorage.azure.com%2F"));
        request.Headers.Add("Metadata", "true");
        using var response = await _http.SendAsync(request);
        using var answer = JsonDocument.Parse(await response.Content.ReadAsStreamAsync());
        observations.Add("fields of the metadata endpoint's answer",
            string.Join(", ", answer.RootElement.EnumerateObject().Select(field => $"{field.Name} ({field.Value.ValueKind})")));
        return answer.RootElement.GetProperty("access_token").GetString()!;
    }
}
