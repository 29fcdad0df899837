using System.Net;
using Azure.Core;
using Azure.Core.Pipeline;

namespace TokenBroker.EndToEnd.CallerKey;

/// <summary>A request as the real library signed it, before it was sent.</summary>
internal sealed record CapturedRequest(string Method, string Target, IReadOnlyList<HttpHeader> Headers, byte[]? Body)
{
    /// <summary>Sends it to one of the two endpoints that it could have been signed for, with not a byte of it changed.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpClient client, Uri endpoint)
    {
        var address = new Uri(endpoint.GetLeftPart(UriPartial.Authority) + Target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(new HttpMethod(Method), address) { Version = HttpVersion.Version11 };
        if (Body is not null)
            request.Content = new ByteArrayContent(Body);
        foreach (var header in Headers.Where(header => !header.Name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)))
        {
            if (!request.Headers.TryAddWithoutValidation(header.Name, header.Value))
                (request.Content ??= new ByteArrayContent([])).Headers.TryAddWithoutValidation(header.Name, header.Value);
        }

        return await client.SendAsync(request);
    }
}

/// <summary>Takes the library's request in the place of a network.</summary>
internal sealed class CapturingTransport : HttpPipelineTransport
{
    public CapturedRequest? Captured { get; private set; }

    public override Request CreateRequest() => HttpClientTransport.Shared.CreateRequest();

    public override void Process(HttpMessage message) => throw new NotSupportedException("The differential runs asynchronously.");

    public override async ValueTask ProcessAsync(HttpMessage message)
    {
        byte[]? body = null;
        if (message.Request.Content is { } content)
        {
            using var written = new MemoryStream();
            await content.WriteToAsync(written, message.CancellationToken);
            body = written.ToArray();
        }

        var uri = message.Request.Uri.ToUri();
        Captured = new(message.Request.Method.Method, uri.PathAndQuery, [.. message.Request.Headers], body);
        throw new TaskCanceledException("Captured.");
    }
}
