using Microsoft.AspNetCore.Http.Features;
using TokenBroker.Configuration;
using TokenBroker.Limits;
using TokenBroker.Proxy.Addressing;
using TokenBroker.Proxy.Bodies;
using TokenBroker.Proxy.CallerKey;
using TokenBroker.Proxy.Policy;
using TokenBroker.Proxy.Rewriting;
using TokenBroker.Proxy.Telemetry;
using TokenBroker.Tokens;
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
    BrokerOptions options, RequestsInFlight inFlight, CallerGuard guard, Router router, CallerSignature signature, RequestRewriter rewriter, IHttpForwarder forwarder,
    RefusalWriter refusals, ProxyMetrics metrics, ClockSkew skew, AuditLog audit, TimeProvider time, ILogger<ProxyEndpoint> logger)
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
        var measured = metrics.Start(context.Request);
        var isRecorded = audit.TryBegin();
        try
        {
            await (isRecorded ? ServeAsync(context, measured) : RefuseAsync(context, Refusal.AuditFull, measured));
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            measured.ClientGone = true;
            context.Abort();
        }
        catch (Exception error) when (!context.Response.HasStarted)
        {
            // The type alone: a message may quote the target.
            ProxyLog.Failed(logger, error.GetType().FullName!);
            await RefuseAsync(context, Refusal.InternalError, measured);
        }
        finally
        {
            context.Features.Get<RequestSlot>()?.Dispose();
            measured.End(context);
            if (isRecorded)
                audit.Write(context, measured);
        }
    }

    private async Task ServeAsync(HttpContext context, MeasuredRequest measured)
    {
        // 1 caller guard
        BlobRequest? request = null;
        var refusal = guard.Check(context);
        // 2 route
        if (refusal is null)
        {
            var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
            router.TryRead(context.Request.Method, target, context.Request.Headers.Host.ToString(), context.Request.Headers, out request, out refusal);
            measured.Account = request?.Account.Name;
        }

        if (request is null || refusal is not null)
        {
            await RefuseAsync(context, refusal ?? Refusal.AccountUnknown, measured);
            return;
        }

        refusal = signature.Check(ref request, CallerConnection.Of(context)); // may add a condition, which is part of what is judged and recorded
        measured.Operation = request.Operation;
        refusal ??= Admit(context, request);
        // 3 rewrite
        var body = WatchedBody.On(context);
        StorageRequest? plan = null;
        if (refusal is null && rewriter.TryPlan(context, request, out plan, out refusal))
            refusal = await measured.WithoutAsync(rewriter.GatherAsync(context, request, plan));
        if (plan is null || refusal is not null)
        {
            await RefuseAsync(context, refusal ?? Refusal.InternalError, measured);
            return;
        }

        // 4 token
        var reading = await measured.TokenAsync(request.Account.Token.ReadAsync(context.RequestAborted));
        var source = plan.Source is { } entry ? await measured.TokenAsync(entry.ReadAsync(context.RequestAborted)) : reading;
        if (reading.Token is not { } token || source.Token is null)
        {
            var missing = reading.Token is null ? reading : source;
            await RefuseAsync(context, Refusal.ForToken(missing.Failure!.Reason), measured, missing.RetryAfter);
            return;
        }

        // 5 forward, and 6 response
        plan.Authorize(context, token, source.Token);
        await ForwardAsync(context, request, plan, source.Token, body, measured);
    }

    /// <summary>Rejected callers must not hold a slot while they read the refusal, so this comes after their checks.</summary>
    private Refusal? Admit(HttpContext context, BlobRequest request)
    {
        if (inFlight.TryEnter(request.Account.Name, out var slot) is { } refusal)
            return refusal;
        context.Features.Set(slot);
        context.Features.Get<ClientHead>()?.Release(); // from here on, the slot bounds what the request takes
        return null;
    }

    private async Task ForwardAsync(
        HttpContext context, BlobRequest request, StorageRequest plan, BearerToken sourceToken, WatchedBody? body, MeasuredRequest measured)
    {
        var client = request.Account.Client;
        var error = await SendAsync();
        if (error == ForwarderError.None && plan.Replacement is { } other)
        {
            if (plan.Body is null && body is { IsUntouched: false })
            {
                await RefuseAsync(context, Refusal.TokenReplaced, measured);
                return;
            }

            Retry("token-replaced");
            plan.Authorize(context, other, sourceToken);
            error = await SendAsync();
        }

        if (error != ForwarderError.None && !IsEarlyAnswer(context, error))
        {
            await EndFailedAsync(context, request, error, body, measured);
            return;
        }

        ProxyLog.Answered(logger, context.Request.Method, request.Account.Name, context.Response.StatusCode);
        if (context.Response.StatusCode >= StatusCodes.Status300MultipleChoices)
            await UnreadBody.DiscardAsync(context, time);

        // Sends at most twice, and after the first loss on new connections alone: all kept ones may be lost at once.
        async Task<ForwarderError> SendAsync()
        {
            var error = await SendOnceAsync(context, request, plan, client, measured);
            if (client == request.Account.UnpooledClient || !IsLost(context, error, measured) || !RepeatableRequest.Is(request, body))
                return error;
            client = request.Account.UnpooledClient;
            ProxyLog.SentAgain(logger, request.Account.Name);
            Retry("connection-lost");
            return await SendOnceAsync(context, request, plan, client, measured);
        }

        void Retry(string reason)
        {
            metrics.Retried(request.Account.Name, reason);
            context.Response.Clear();
        }
    }

    private async Task<ForwarderError> SendOnceAsync(
        HttpContext context, BlobRequest request, StorageRequest plan, HttpMessageInvoker client, MeasuredRequest measured)
    {
        plan.Answered = response =>
        {
            measured.Answered((int)response.StatusCode);
            skew.Observe(request.Account.Name, response.Headers.Date);
        };
        measured.BeginSending(context, plan.Address);
        var error = await forwarder.SendAsync(context, Prefix, client, _forwarding, plan);
        measured.EndSending(error == ForwarderError.None ? null : error.ToString());
        return error;
    }

    /// <summary>A connection that was kept from earlier ended before anything of an answer came.</summary>
    private static bool IsLost(HttpContext context, ForwarderError error, MeasuredRequest measured) =>
        error == ForwarderError.Request && measured.HadKeptConnection && !context.Response.HasStarted
        && ForwardFailure.Read(error, context.GetForwarderErrorFeature()?.Exception, context.RequestAborted.IsCancellationRequested) == Refusal.UpstreamBroken;

    /// <summary>
    /// Storage refused before it had read the body, and the forwarder tells of the body that could not be sent: after it has
    /// relayed the answer whole (it aborts the connection itself where the answer was cut short).
    /// </summary>
    private static bool IsEarlyAnswer(HttpContext context, ForwarderError error) =>
        error == ForwarderError.RequestBodyDestination
        && context.Response is { HasStarted: true, StatusCode: >= StatusCodes.Status300MultipleChoices };

    private Task RefuseAsync(HttpContext context, Refusal refusal, MeasuredRequest measured, TimeSpan? retryAfter = null)
    {
        measured.Refusal = refusal;
        context.Features.Get<RequestSlot>()?.Dispose();
        return refusals.WriteAsync(context, refusal, retryAfter);
    }

    /// <summary>What the forwarder demands and the plan replaces; an address that nothing could be sent to.</summary>
    private const string Prefix = "https://address.invalid/";

    private async Task EndFailedAsync(HttpContext context, BlobRequest request, ForwarderError error, WatchedBody? body, MeasuredRequest measured)
    {
        var exception = context.GetForwarderErrorFeature()?.Exception;
        ProxyLog.ForwardingFailed(logger, request.Account.Name, error.ToString(), exception?.GetType().Name);
        var refusal = ForwardFailure.Read(error, exception, context.RequestAborted.IsCancellationRequested);
        if ((refusal == Refusal.UpstreamTimeout || refusal == Refusal.BodyBroken) && body is { WasAwaitedInVain: true })
            refusal = Refusal.BodyTimeout; // storage was waiting as well
        measured.ClientGone = refusal is null;
        if (refusal is not null && !context.Response.HasStarted)
        {
            await RefuseAsync(context, refusal, measured);
            return;
        }

        measured.Refusal = refusal; // too late to say so to the client
        context.Abort(); // never a short success
    }
}
