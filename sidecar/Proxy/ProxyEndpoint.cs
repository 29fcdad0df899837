using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using TokenBroker.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace TokenBroker.Proxy;

/// <summary>
/// The life of a request:
/// <code>
///  app ──► Kestrel ─1 caller guard─► ─2 route─► ─3 rewrite─► ─4 token─► ─5 forward─► storage
///  app ◄── Kestrel ◄──────────────────── 6 response ◄──────────────────────────────── storage
/// </code>
/// Each step may end it with a <see cref="Refusal"/>, written as the error that storage itself would write. Nothing is
/// sent before step 5, and step 5 is reached only with a checked address and a token that can be used.
/// </summary>
internal sealed class ProxyEndpoint(
    BrokerOptions options, CallerGuard guard, Router router, IHttpForwarder forwarder,
    RefusalWriter refusals, ProxyMetrics metrics, ILogger<ProxyEndpoint> logger)
{
    private readonly ForwarderRequestConfig _forwarding = new()
    {
        ActivityTimeout = options.Upstream.ActivityTimeout,
        Version = System.Net.HttpVersion.Version11,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        AllowResponseBuffering = false,
    };

    public async Task HandleAsync(HttpContext context)
    {
        var measured = metrics.Start(context.Request.Method);
        try
        {
            await ServeAsync(context, measured);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            context.Abort();
        }
        catch (Exception error) when (!context.Response.HasStarted)
        {
            // The type alone: a message may quote the target.
            ProxyLog.Failed(logger, error.GetType().FullName!);
            measured.Refusal = Refusal.InternalError;
            await refusals.WriteAsync(context, Refusal.InternalError);
        }
        finally
        {
            measured.End(context.Response.StatusCode);
        }
    }

    private async Task ServeAsync(HttpContext context, ProxyMetrics.Request measured)
    {
        // 1 caller guard
        var refusal = guard.Check(context);
        // 2 route
        Route route = default;
        refusal ??= router.Resolve(
            context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget, context.Request.Headers.Host.ToString(), out route);
        measured.Account = route.Account?.Name;
        // 3 rewrite
        StorageRequest plan = null!;
        refusal ??= StorageRequest.Plan(context.Request, route, out plan);
        if (refusal is not null)
        {
            measured.Refusal = refusal;
            await refusals.WriteAsync(context, refusal);
            return;
        }

        // 4 token
        var reading = await route.Account!.Token.ReadAsync(context.RequestAborted);
        if (reading.Token is not { } token)
        {
            measured.Refusal = Refusal.ForToken(reading.Failure!.Reason);
            await refusals.WriteAsync(context, measured.Refusal, reading.RetryAfter);
            return;
        }

        // 5 forward, and 6 response
        plan.Authorize(token.HeaderValue);
        var error = await forwarder.SendAsync(context, Prefix, route.Account.Client, _forwarding, plan);
        if (error != ForwarderError.None)
            await EndFailedAsync(context, route, error, measured);
        else
            ProxyLog.Answered(logger, context.Request.Method, route.Account.Name, context.Response.StatusCode);
    }

    /// <summary>What the forwarder demands and the plan replaces; an address that nothing could be sent to.</summary>
    private const string Prefix = "https://address.invalid/";

    private async Task EndFailedAsync(HttpContext context, Route route, ForwarderError error, ProxyMetrics.Request measured)
    {
        var exception = context.GetForwarderErrorFeature()?.Exception;
        ProxyLog.ForwardingFailed(logger, route.Account.Name, error.ToString(), exception?.GetType().Name);
        var refusal = ForwardFailure.Read(error, exception, context.RequestAborted.IsCancellationRequested);
        measured.Refusal = refusal;
        if (refusal is null || context.Response.HasStarted)
            context.Abort(); // never a short success
        else
            await refusals.WriteAsync(context, refusal);
    }
}
