namespace TokenBroker.EndToEnd.Sidecars;

/// <summary>Plain HTTP, as a client without an SDK speaks it.</summary>
internal static class Http
{
    public const string Version = "2021-12-02";

    /// <summary>A client that obeys no web proxy and waits as long as the test does.</summary>
    public static HttpClient CreateClient() =>
        new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false }) { Timeout = Timeout.InfiniteTimeSpan };

    public static HttpRequestMessage Get(Uri address) => With(new HttpRequestMessage(HttpMethod.Get, address));

    public static HttpRequestMessage PutBlob(Uri address, HttpContent content)
    {
        var request = With(new HttpRequestMessage(HttpMethod.Put, address) { Content = content });
        request.Headers.Add("x-ms-blob-type", "BlockBlob");
        return request;
    }

    private static HttpRequestMessage With(HttpRequestMessage request)
    {
        request.Headers.Add("x-ms-version", Version);
        return request;
    }
}
