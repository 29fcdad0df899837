using System.Text;

namespace TokenBroker.Tokens.Sources;

/// <summary>
/// Takes the body off every answer that is an error, but for its code. Microsoft's library puts the whole of it, whatever
/// it holds, into its exceptions and into the events that a diagnostic tool can listen to; and it decides by status alone.
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
