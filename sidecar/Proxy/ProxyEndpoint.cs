using TokenBroker.Limits;
using TokenBroker.Proxy.Bodies;
using TokenBroker.Proxy.CallerKey;
using TokenBroker.Proxy.Rewriting;
using TokenBroker.Proxy.Telemetry;

namespace TokenBroker.Proxy;

/// <summary>
/// The life of a request:
/// <list type="number">
/// <item>guard: may this caller use the identity at all?</item>
/// <item>route: raw target, Host and headers become one <see cref="BlobRequest"/>.</item>
/// <item>caller key: where one is configured, the caller must have signed with it.</item>
/// <item>admission: the request takes a slot, within the limits of process and account.</item>
/// <item>rewrite: the client's credentials go, and all headers for storage are planned.</item>
/// <item>policy: what the request does, and the source of a copy, must be allowed.</item>
/// <item>body: the few bodies that must be known whole are gathered; each part of a batch passes steps 3 and 6.</item>
/// <item>token: from memory, or the request waits for the attempt that is under way.</item>
/// <item>forward: storage is sent the request with the token.</item>
/// <item>response: storage's answer is relayed.</item>
/// </list>
/// Each step may end the request with a <see cref="Refusal"/>, written as the error that storage itself would write. Nothing is
/// sent before step 9, which needs a checked address and a usable token.
/// </summary>
internal sealed class ProxyEndpoint(
    ProxySteps steps, RequestsInFlight inFlight, RefusalWriter refusals, ProxyMetrics metrics, AuditLog audit, ILogger<ProxyEndpoint> logger)
{
    public async Task HandleAsync(HttpContext context)
    {
        var exchange = metrics.Start(context);
        var isRecorded = audit.TryBegin();
        try
        {
            if ((isRecorded ? await ServeAsync(exchange) : Refusal.AuditFull) is { } refusal)
                await RefuseAsync(exchange, refusal);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            exchange.ClientGone = true;
            context.Abort();
        }
        catch (Exception error) when (!context.Response.HasStarted)
        {
            // The type alone: a message may quote the target.
            ProxyLog.Failed(logger, error.GetType().FullName!);
            await RefuseAsync(exchange, Refusal.InternalError);
        }
        finally
        {
            exchange.End();
            if (isRecorded)
                audit.Write(exchange);
        }
    }

    /// <returns>The refusal to write; null if an answer was relayed or the connection was aborted.</returns>
    private async Task<Refusal?> ServeAsync(Exchange exchange)
    {
        var context = exchange.Context;
        // 1 guard
        if (steps.Guard.Check(context) is { } foreign)
            return foreign;
        // 2 route
        var isRead = steps.Router.TryRead(context, out var request, out var unread);
        exchange.Request = request;
        if (!isRead || request is null)
            return unread ?? Refusal.InternalError;
        // 3 caller key: may add a condition, which is part of what is judged and recorded
        var caller = CallerConnection.Of(context);
        var unsigned = steps.Signature.Check(ref request, caller);
        (exchange.Request, exchange.Operation) = (request, request.Operation);
        if (unsigned is not null)
            return unsigned;
        // 4 admission
        if (Admit(exchange, request) is { } full)
            return full;
        // 5 rewrite
        exchange.Body = WatchedBody.On(context);
        if (!steps.Rewriter.TryPlan(request, out var plan, out var unfit))
            return unfit;
        // 6 policy
        if ((steps.Signature.CheckSource(request, plan.CopySource, caller) ?? steps.Policy.Check(request, plan.CopySource)) is { } denied)
            return denied;
        // 7 body
        if (BodyRewriter.MustGather(context, request) && await GatherAsync(exchange, request, plan, caller) is { } unusable)
            return unusable;
        // 8 token
        if (await TakeTokensAsync(exchange, request, plan) is { } missing)
            return missing;
        // 9 forward, and 10 response
        return await steps.Forwarder.ForwardAsync(exchange, request, plan);
    }

    /// <summary>Rejected callers must not hold a slot while they read the refusal, so this comes after their checks.</summary>
    private Refusal? Admit(Exchange exchange, BlobRequest request)
    {
        if (inFlight.TryEnter(request.Account.Name, out var slot) is { } refusal)
            return refusal;
        exchange.Slot = slot;
        exchange.Context.Features.Get<ClientHead>()?.Release(); // from here on, the slot bounds what the request takes
        return null;
    }

    private ValueTask<Refusal?> GatherAsync(Exchange exchange, BlobRequest request, StorageRequest plan, CallerConnection caller) =>
        exchange.ExcludeAsync(steps.Bodies.GatherAsync(
            exchange.Context, request, plan, part => steps.Signature.CheckPart(part, caller) ?? steps.Policy.Check(part)));

    /// <summary>The token of the account, and of the source of a copy where storage wants one.</summary>
    private static async Task<Refusal?> TakeTokensAsync(Exchange exchange, BlobRequest request, StorageRequest plan)
    {
        var context = exchange.Context;
        var reading = await exchange.TokenAsync(request.Account.Token.ReadAsync(context.RequestAborted));
        var source = plan.Source is { } entry ? await exchange.TokenAsync(entry.ReadAsync(context.RequestAborted)) : reading;
        if (reading.Token is { } token && source.Token is { } sourceToken)
        {
            plan.Authorize(context, token, sourceToken);
            return null;
        }

        var missing = reading.Token is null ? reading : source;
        exchange.RetryAfter = missing.RetryAfter;
        return missing.Failure is { } failure ? Refusal.ForToken(failure.Reason) : Refusal.InternalError;
    }

    private Task RefuseAsync(Exchange exchange, Refusal refusal)
    {
        exchange.Refusal = refusal;
        exchange.Slot?.Dispose();
        return refusals.WriteAsync(exchange.Context, refusal, exchange.RetryAfter);
    }
}
