using System.Text.Json;
using TokenBroker.Imds;

namespace TokenBroker.Tests.Emulator;

/// <summary>A plain HTTP client of an emulator: it knows nothing of Azure's libraries.</summary>
internal sealed class EmulatorClient(ImdsEmulator emulator) : IDisposable
{
    internal const string Storage = "https://storage.azure.com";

    /// <summary>Far beyond what anything here takes, also on a machine that is busy with something else.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false })
    {
        BaseAddress = emulator.BaseAddress,
        Timeout = Patience,
    };

    public void Dispose() => _http.Dispose();

    /// <summary>A well-formed token request, with further query parameters.</summary>
    internal Task<Reply> TokenAsync(string more = "", string resource = Storage, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Get, $"/metadata/identity/oauth2/token?api-version=2018-02-01&resource={resource}{more}", [("Metadata", "true")], cancellationToken);

    internal async Task<Reply> SendAsync(HttpMethod method, string target, (string, string)[] headers, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(method, new Uri(emulator.BaseAddress.GetLeftPart(UriPartial.Authority) + target,
            new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var response = await _http.SendAsync(request, cancellationToken);
        return new((int)response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken),
            response.Headers.Concat(response.Content.Headers).ToDictionary(h => h.Key, h => string.Join(",", h.Value), StringComparer.OrdinalIgnoreCase));
    }
}

/// <summary>One answer, read whole.</summary>
internal sealed record Reply(int Status, string Body, IReadOnlyDictionary<string, string> Headers)
{
    internal JsonElement Json => JsonDocument.Parse(Body).RootElement;

    internal string Token => Text("access_token")!;

    internal string? Error => Text("error");

    internal string? Description => Text("error_description");

    internal string? Text(string property) => Json.TryGetProperty(property, out var value) ? value.GetString() : null;
}
