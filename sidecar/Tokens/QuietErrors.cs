using System.Text;

namespace TokenBroker.Tokens;

/// <summary>
/// Takes the body off every answer that is an error, but for its code. Microsoft's library puts the whole of it, whatever
/// it holds, into its exceptions and into the events that a diagnostic tool can listen to; and it decides by status alone.
/// </summary>
internal sealed class QuietErrors(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    /// <summary>An error answer has a few hundred bytes; the code of a longer one is not looked for.</summary>
    private const int LongestRead = 8 * 1024;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        if (response.IsSuccessStatusCode)
            return response;
        var code = await ReadCodeAsync(response.Content, cancellationToken);
        response.Content.Dispose();
        response.Content = new StringContent($$"""{"error":"{{code ?? "unknown"}}"}""", Encoding.UTF8, "application/json");
        return response;
    }

    private static async Task<string?> ReadCodeAsync(HttpContent content, CancellationToken cancellation)
    {
        await using var stream = await content.ReadAsStreamAsync(cancellation);
        var buffer = new byte[LongestRead];
        var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
        return TokenErrorCode.Read(buffer.AsMemory(0, length));
    }
}
