using Microsoft.AspNetCore.Http.Features;
using TokenBroker.Proxy.Addressing;
using TokenBroker.Proxy.Bodies;
using TokenBroker.Proxy.Telemetry;
using TokenBroker.Tokens;
using TokenBroker.Tokens.Answers;
using TokenBroker.Upstream;
using Yarp.ReverseProxy.Forwarder;

namespace TokenBroker.Proxy.Rewriting;

/// <summary>
/// The plan of what storage will be asked, and its execution inside the forwarder: the token comes last, and only with the
/// address that was checked.
/// </summary>
internal sealed class StorageRequest : HttpTransformer
{
    /// <summary>The header that lets storage read the source of a copy.</summary>
    public const string CopySourceAuthorization = "x-ms-copy-source-authorization";

    /// <summary>The longest body, in bytes, that is sent without asking first. Decision 11 has the measurement.</summary>
    private const int ExpectContinueThreshold = 64 * 1024;

    private readonly TokenEntry _entry;
    private BearerToken? _token;
    private BearerToken? _sourceToken;
    private bool _replaced;

    public StorageRequest(TokenEntry entry, Uri address) => (_entry, Address) = (entry, address);

    /// <summary>Where storage is asked: the account's own host, and the target as raw bytes.</summary>
    public Uri Address { get; }

    /// <summary>The source of a copy, as the client named it; null if the request is not a copy.</summary>
    public CopySource? CopySource { get; init; }

    /// <summary>Whose token authorises the source of a copy; null if none is to be given along.</summary>
    public TokenEntry? Source { get; init; }

    public ResponseOverrides? Overrides { get; init; }

    /// <summary>The body, gathered and written for a token; null if the client's own streams through.</summary>
    public Func<BearerToken, (Stream Content, long Length)>? Body { get; set; }

    /// <summary>
    /// Called when storage's headers have come, and again after the beginning of the body was read.
    /// </summary>
    public Action<HttpResponseMessage>? Answered { get; set; }

    /// <summary>Where waits for another token are measured; set before the request is sent.</summary>
    public Exchange? Exchange { get; set; }

    /// <summary>The token to send instead, once storage took the first one for expired; null as long as it did not.</summary>
    public BearerToken? Replacement { get; private set; }

    /// <summary>Sets the tokens. The answer to a second token is relayed in every case.</summary>
    public void Authorize(HttpContext context, BearerToken token, BearerToken? sourceToken)
    {
        _replaced = _token is not null;
        (_token, Replacement) = (token, null);
        _sourceToken = Source == _entry ? token : sourceToken;
        if (Body?.Invoke(token) is not { } body)
            return;
        context.Request.Body = body.Content;
        context.Request.ContentLength = body.Length;
    }

    /// <summary>Sets the token that replaces an expired one, to send the request again.</summary>
    public void AuthorizeAgain(HttpContext context, BearerToken replacement) => Authorize(context, replacement, _sourceToken);

    public override async ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        proxyRequest.RequestUri = Address;
        proxyRequest.Headers.Remove("Host"); // the address's own is sent
        proxyRequest.Headers.TryAddWithoutValidation("Authorization", _token?.HeaderValue
            ?? throw new InvalidOperationException("A request without a token must not be forwarded."));
        if (Source is not null)
            proxyRequest.Headers.TryAddWithoutValidation(CopySourceAuthorization, _sourceToken?.HeaderValue
                ?? throw new InvalidOperationException("A copy whose source has no token must not be forwarded."));
        if (MustAsk(httpContext))
            proxyRequest.Headers.ExpectContinue = true;
    }

    /// <summary>Step 10: relays storage's answer; but for an expired token, looks for another first.</summary>
    /// <returns>False if there is one, and nothing was relayed.</returns>
    public override async ValueTask<bool> TransformResponseAsync(
        HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (proxyResponse is not null)
            Answered?.Invoke(proxyResponse);
        if (proxyResponse is null || _replaced || !RejectedToken.IsPossible(proxyResponse))
            return await RelayAsync(httpContext, proxyResponse, cancellationToken);
        var body = await PeekedBody.ReadAsync(proxyResponse.Content, RejectedToken.MaxPeekedBytes, cancellationToken);
        Answered?.Invoke(proxyResponse);
        if (RejectedToken.IsExpiry(httpContext.Request.Method, body.Beginning))
            Replacement = await Exchange!.TokenAsync(_entry.ReplaceAsync(_token!, httpContext.RequestAborted));
        if (Replacement is not null)
            return false;

        var relay = await RelayAsync(httpContext, proxyResponse, cancellationToken);
        proxyResponse.Content = body.AsContent();
        return relay;
    }

    private async ValueTask<bool> RelayAsync(HttpContext context, HttpResponseMessage? response, CancellationToken cancellation)
    {
        AnswerRules.Check(response);
        var relay = await base.TransformResponseAsync(context, response, cancellation);
        relay &= AnswerRules.Apply(context.Response);
        Overrides?.Apply(context.Request, context.Response);
        if (context.Response.StatusCode >= StatusCodes.Status300MultipleChoices)
            UnreadBody.CloseIfAwaited(context);
        return relay;
    }

    /// <summary>
    /// Storage may refuse a request before it reads the body, and close the connection. A sender that is not finished then gets a
    /// reset and not the reason, unless the whole body fits into the connection's buffers. So a longer body, or one of unknown
    /// length, waits for 100 Continue. It is still unread when the refusal comes, and can be sent again with another token.
    /// </summary>
    private static bool MustAsk(HttpContext context) =>
        context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true }
        && context.Request.ContentLength is null or > ExpectContinueThreshold;
}
