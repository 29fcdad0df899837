using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace TokenBroker.Proxy;

/// <summary>
/// Step 3: the plan of what storage will be asked, complete before the body is touched; and its execution inside the
/// forwarder. The token is named last, and sent only with the address that was checked.
/// </summary>
internal sealed class StorageRequest : HttpTransformer
{
    /// <summary>The client's own way to sign, and what is meant for this hop alone.</summary>
    private static readonly string[] Stripped =
        ["Authorization", "Host", "Cookie", "Cookie2", "Proxy-Authorization", "Proxy-Connection", "X-Content-Length"];

    private readonly Uri _address;
    private readonly string _version;
    private string? _authorization;

    private StorageRequest(Uri address, string version) => (_address, _version) = (address, version);

    /// <returns>The refusal; null if there is a plan.</returns>
    public static Refusal? Plan(HttpRequest request, Route route, out StorageRequest plan)
    {
        plan = null!;
        if (IsBatch(request, route))
            return Refusal.BatchUnsupported;
        var query = SasParameters.Strip(route.Query, out var signed);
        var endpoint = route.Secondary ? route.Account.SecondaryEndpoint! : route.Account.Endpoint;
        if (!StorageAddress.TryBuild(endpoint, route.Path, query, out var address))
            return Refusal.UpstreamMismatch;
        plan = new(address, StorageVersion.Choose(request.Headers["x-ms-version"], signed));
        return null;
    }

    /// <param name="headerValue">The whole value of the Authorization header.</param>
    public void Authorize(string headerValue) => _authorization = headerValue;

    public override async ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        var headers = proxyRequest.Headers;
        foreach (var name in Stripped)
            headers.Remove(name);
        foreach (var name in headers.Select(header => header.Key).Where(IsForProxies).ToList())
            headers.Remove(name);
        headers.Remove("x-ms-version");
        headers.TryAddWithoutValidation("x-ms-version", _version);
        proxyRequest.RequestUri = _address;
        headers.TryAddWithoutValidation("Authorization", _authorization
            ?? throw new InvalidOperationException("A request without a token must not be forwarded."));
    }

    private static bool IsForProxies(string name) => name.StartsWith("Proxy-", StringComparison.OrdinalIgnoreCase);

    /// <summary>Every part of a batch is authorised by itself, and would be without a token. JS clients would not even notice.</summary>
    private static bool IsBatch(HttpRequest request, Route route) =>
        HttpMethods.IsPost(request.Method)
        && QueryValue.Of(route.Query, "comp") is { } comp && comp.Equals("batch", StringComparison.OrdinalIgnoreCase);
}
