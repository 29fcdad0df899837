using TokenBroker.Configuration;
using TokenBroker.Proxy.Bodies;
using TokenBroker.Proxy.Rewriting;
using TokenBroker.Proxy.Telemetry;
using TokenBroker.Upstream;
using Yarp.ReverseProxy.Forwarder;

namespace TokenBroker.Proxy;

/// <summary>
/// Steps 9 and 10: sends the planned request with YARP's forwarder, which streams both ways, and relays the answer. A request
/// is sent a second time only with a new token after storage called the first one expired, or on a new connection after a
/// kept one was lost.
/// </summary>
internal sealed class StorageForwarder(
    BrokerOptions options, IHttpForwarder forwarder, ProxyMetrics metrics, ClockSkew skew, TimeProvider time, ILogger<StorageForwarder> logger)
{
    /// <summary>The forwarder demands a prefix, which the plan replaces. Nothing can be sent to this one.</summary>
    private const string Prefix = "https://address.invalid/";

    private readonly ForwarderRequestConfig _forwarding = new()
    {
        ActivityTimeout = options.Upstream.ActivityTimeout,
        Version = System.Net.HttpVersion.Version11,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        AllowResponseBuffering = false,
    };

    /// <returns>The refusal to write; null if an answer was relayed or the connection was aborted.</returns>
    public async Task<Refusal?> ForwardAsync(Exchange exchange, BlobRequest request, StorageRequest plan)
    {
        var (context, body) = (exchange.Context, exchange.Body);
        var client = request.Account.Client;
        var error = await SendAsync();
        if (error == ForwarderError.None && plan.Replacement is { } other)
        {
            if (plan.Body is null && body is { IsUntouched: false })
                return Refusal.TokenReplaced;
            Retry("token-replaced");
            plan.AuthorizeAgain(context, other);
            error = await SendAsync();
        }

        if (error != ForwarderError.None && !IsEarlyAnswer(context, error))
            return EndFailed(exchange, request, error);
        ProxyLog.Answered(logger, request.Method, request.Account.Name, context.Response.StatusCode);
        if (context.Response.StatusCode >= StatusCodes.Status300MultipleChoices)
            await UnreadBody.DiscardAsync(context, time);
        return null;

        // Sends at most twice. After the first loss it uses new connections only, since all kept ones may be lost at once.
        async Task<ForwarderError> SendAsync()
        {
            var error = await SendOnceAsync(exchange, request, plan, client);
            if (client == request.Account.UnpooledClient || !IsLost(context, error) || !RepeatableRequest.Is(request, body))
                return error;
            client = request.Account.UnpooledClient;
            ProxyLog.SentAgain(logger, request.Account.Name);
            Retry("connection-lost");
            return await SendOnceAsync(exchange, request, plan, client);
        }

        void Retry(string reason)
        {
            metrics.Retried(request.Account.Name, reason);
            context.Response.Clear();
        }
    }

    private async Task<ForwarderError> SendOnceAsync(
        Exchange exchange, BlobRequest request, StorageRequest plan, HttpMessageInvoker client)
    {
        plan.Exchange = exchange;
        plan.Answered = response =>
        {
            exchange.Answered((int)response.StatusCode);
            skew.Observe(request.Account.Name, response.Headers.Date);
        };
        exchange.BeginSending(plan.Address);
        var error = await forwarder.SendAsync(exchange.Context, Prefix, client, _forwarding, plan);
        exchange.EndSending(error == ForwarderError.None ? null : error.ToString());
        return error;
    }

    /// <summary>A kept connection ended before any byte of an answer came.</summary>
    private static bool IsLost(HttpContext context, ForwarderError error) =>
        error == ForwarderError.Request && !context.Response.HasStarted
        && LostConnectionException.IsOfKept(context.GetForwarderErrorFeature()?.Exception)
        && ForwardFailure.Read(error, context.GetForwarderErrorFeature()?.Exception, context.RequestAborted.IsCancellationRequested) == Refusal.UpstreamBroken;

    /// <summary>
    /// Storage refused before it had read the body, and the forwarder reports the body that could not be sent. It has relayed the
    /// whole answer by then: it aborts the connection itself where the answer was cut short.
    /// </summary>
    private static bool IsEarlyAnswer(HttpContext context, ForwarderError error) =>
        error == ForwarderError.RequestBodyDestination
        && context.Response is { HasStarted: true, StatusCode: >= StatusCodes.Status300MultipleChoices };

    private Refusal? EndFailed(Exchange exchange, BlobRequest request, ForwarderError error)
    {
        var context = exchange.Context;
        var exception = context.GetForwarderErrorFeature()?.Exception;
        ProxyLog.ForwardingFailed(logger, request.Account.Name, error.ToString(), exception?.GetType().Name);
        var refusal = ForwardFailure.Read(error, exception, context.RequestAborted.IsCancellationRequested);
        if ((refusal == Refusal.UpstreamTimeout || refusal == Refusal.BodyBroken) && exchange.Body is { WasAwaitedInVain: true })
            refusal = Refusal.BodyTimeout; // storage was waiting as well
        exchange.ClientGone = refusal is null;
        if (refusal is not null && !context.Response.HasStarted)
            return refusal;
        exchange.Refusal = refusal; // too late to tell the client
        context.Abort(); // never a short success
        return null;
    }
}
