using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace TokenBroker.EndToEnd.Django;

/// <summary>A browser's share of the work: cookies, forms with their CSRF token, addresses relative to the page. It can reach the site and nothing else.</summary>
internal sealed partial class Visitor : IDisposable
{
    private readonly HttpClient _http;

    public Visitor(Uri site)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = (context, cancellation) => ConnectAsync(site, context, cancellation),
            // A connection for each request. Python's server speaks HTTP/1.0 and closes after every answer, which
            // HttpClient does not expect (not even of `Connection: close`): a form posted just then would be lost.
            PooledConnectionLifetime = TimeSpan.Zero,
        };
        _http = new HttpClient(handler) { BaseAddress = site, Timeout = TimeSpan.FromSeconds(60) };
    }

    public async Task<string> PageAsync()
    {
        using var response = await _http.GetAsync("");
        return await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
    }

    /// <summary>Fills in the upload form of the page and sends it; returns the page that follows.</summary>
    public async Task<string> UploadAsync(string title, string fileName, byte[] image)
    {
        using var form = new MultipartFormDataContent
        {
            { new StringContent(Token(await PageAsync())), "csrfmiddlewaretoken" },
            { new StringContent(title), "title" },
            // As a browser that was lied to: what the picture is, the site finds out by itself.
            { new ByteArrayContent(image) { Headers = { ContentType = new("text/html") } }, "image", fileName },
        };
        using var response = await _http.PostAsync("", form);
        return await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
    }

    /// <summary>Presses the first delete button of a page; returns the page that follows.</summary>
    public async Task<string> DeleteFirstAsync(string page)
    {
        using var form = new FormUrlEncodedContent([new("csrfmiddlewaretoken", Token(page))]);
        using var response = await _http.PostAsync(Action().Match(page).Groups[1].Value, form);
        return await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
    }

    /// <summary>The addresses of a page's pictures, as a browser resolves them.</summary>
    public IReadOnlyList<Uri> Pictures(string page) =>
        [.. Image().Matches(page).Select(image => new Uri(_http.BaseAddress!, WebUtility.HtmlDecode(image.Groups[1].Value)))];

    public async Task<HttpResponseMessage> GetAsync(Uri address, string? ifNoneMatch = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (ifNoneMatch is not null)
            request.Headers.TryAddWithoutValidation("If-None-Match", ifNoneMatch);
        return await _http.SendAsync(request);
    }

    public async Task<HttpStatusCode> PostWithoutTokenAsync()
    {
        using var form = new FormUrlEncodedContent([new("title", "forged")]);
        using var response = await _http.PostAsync("", form);
        return response.StatusCode;
    }

    public void Dispose() => _http.Dispose();

    private static string Token(string page) => CsrfToken().Match(page).Groups[1].Value;

    private static async ValueTask<Stream> ConnectAsync(Uri site, SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        if (context.DnsEndPoint.Host != site.Host || context.DnsEndPoint.Port != site.Port)
            throw new InvalidOperationException($"A visitor cannot reach {context.DnsEndPoint}: only the site, {site}.");
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    [GeneratedRegex("name=\"csrfmiddlewaretoken\" value=\"([^\"]+)\"")]
    private static partial Regex CsrfToken();

    [GeneratedRegex("<img src=\"([^\"]+)\"")]
    private static partial Regex Image();

    [GeneratedRegex("action=\"([^\"]+)\"")]
    private static partial Regex Action();
}
