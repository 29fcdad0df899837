using System.Text;

namespace TokenBroker.Tokens.Sources;

/// <summary>
/// Removes the body of every error answer except its code. Microsoft's library puts the whole body into its exceptions and
/// into events that diagnostic tools can read, but it needs only the status.
/// </summary>
internal sealed class QuietErrors(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        if (response.IsSuccessStatusCode)
            return response;
        var code = await ErrorBody.ReadCodeAsync(response.Content, cancellationToken);
        response.Content.Dispose();
        response.Content = new StringContent($$"""{"error":"{{code ?? "unknown"}}"}""", Encoding.UTF8, "application/json");
        return response;
    }
}
