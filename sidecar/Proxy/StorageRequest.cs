using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using TokenBroker.Tokens;
using Yarp.ReverseProxy.Forwarder;

namespace TokenBroker.Proxy;

/// <summary>
/// Step 3: the plan of what storage will be asked, complete before the body is touched; and its execution inside the
/// forwarder. What the client signed with goes first; the token comes last, and only with the address that was checked.
/// </summary>
internal sealed class StorageRequest : HttpTransformer
{
    /// <summary>The longest body, in bytes, that is sent without asking first. Decision 9 has the measurement.</summary>
    private const int MostUnasked = 64 * 1024;

    private readonly TokenEntry _entry;
    private readonly Uri _address;
    private BearerToken? _token;
    private bool _replaced;

    private StorageRequest(TokenEntry entry, Uri address) => (_entry, _address) = (entry, address);

    /// <summary>The token to send instead, once storage took the first one for expired; null as long as it did not.</summary>
    public BearerToken? Replacement { get; private set; }

    /// <returns>The refusal; null if there is a plan.</returns>
    public static Refusal? Plan(HttpRequest request, Route route, out StorageRequest plan)
    {
        plan = null!;
        if (CheckOperation(request, route) is { } refusal)
            return refusal;
        var query = SasParameters.Strip(route.Query, out var signed);
        var endpoint = route.Secondary ? route.Account.SecondaryEndpoint! : route.Account.Endpoint;
        if (!StorageAddress.TryBuild(endpoint, route.Path, query, out var address))
            return Refusal.UpstreamMismatch;
        var version = StorageVersion.Choose(request.Headers["x-ms-version"], signed);
        Strip(request.Headers);
        request.Headers["x-ms-version"] = version;
        plan = new(route.Account.Token, address);
        return null;
    }

    /// <summary>Names the token. A second one is the last: its answer is relayed whatever it is.</summary>
    public void Authorize(BearerToken token)
    {
        _replaced = _token is not null;
        (_token, Replacement) = (token, null);
    }

    public override async ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        proxyRequest.RequestUri = _address;
        proxyRequest.Headers.Remove("Host"); // the address's own is sent
        proxyRequest.Headers.TryAddWithoutValidation("Authorization", _token?.HeaderValue
            ?? throw new InvalidOperationException("A request without a token must not be forwarded."));
        if (MustAsk(httpContext))
            proxyRequest.Headers.ExpectContinue = true;
    }

    /// <summary>Step 6: relays storage's answer; but for an expired token, looks for another first.</summary>
    /// <returns>False if there is one, and nothing was relayed.</returns>
    public override async ValueTask<bool> TransformResponseAsync(
        HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (proxyResponse is null || _replaced || !RejectedToken.IsPossible(proxyResponse))
            return await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        var body = await PeekedBody.ReadAsync(proxyResponse.Content, RejectedToken.MostRead, cancellationToken);
        if (RejectedToken.IsExpiry(httpContext.Request.Method, proxyResponse, body.Beginning))
            Replacement = await _entry.ReplaceAsync(_token!, httpContext.RequestAborted);
        if (Replacement is not null)
            return false;
        var relay = await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        proxyResponse.Content = body.AsContent();
        return relay;
    }

    /// <summary>
    /// Takes the client's own way to sign out of the request, and what is meant for this hop alone. The forwarder drops
    /// the other hop-by-hop headers.
    /// </summary>
    private static void Strip(IHeaderDictionary headers)
    {
        headers.Remove("Authorization");
        headers.Remove("Cookie");
        foreach (var name in headers.Keys.Where(name => name.StartsWith("Proxy-", StringComparison.OrdinalIgnoreCase)).ToList())
            headers.Remove(name);
    }

    /// <summary>
    /// Storage may refuse before it reads a body, and close: whoever is still sending then gets a reset and never the reason,
    /// unless all of it went into the connection's buffers. So a longer body, or one of unknown length, waits for 100 Continue;
    /// being untouched when the refusal comes, it can also be sent again with another token.
    /// </summary>
    private static bool MustAsk(HttpContext context) =>
        context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true }
        && context.Request.ContentLength is null or > MostUnasked;

    /// <summary>
    /// Two operations that must not simply be forwarded. Every part of a batch is authorised by itself, and would be
    /// without a token: JS clients would not even notice. And a user delegation key is a credential that outlives us.
    /// </summary>
    private static Refusal? CheckOperation(HttpRequest request, Route route) =>
        !HttpMethods.IsPost(request.Method) ? null : QueryValue.Of(route.Query, "comp")?.ToLowerInvariant() switch
        {
            "batch" => Refusal.BatchUnsupported,
            "userdelegationkey" => Refusal.DelegationKey,
            _ => null,
        };
}
