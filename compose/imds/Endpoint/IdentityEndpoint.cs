using Microsoft.AspNetCore.Http;
using TokenBroker.Imds.Faults;
using TokenBroker.Imds.Identities;
using TokenBroker.Imds.Record;
using TokenBroker.Imds.Tokens;

namespace TokenBroker.Imds.Endpoint;

/// <summary>
/// The metadata endpoint. A request is
/// <list type="number">
/// <item>written into the record in any case;</item>
/// <item>counted against the rate limit, if it is for a token: 429;</item>
/// <item>checked by the endpoint's own rules, and its identity found: 400, 404, 405;</item>
/// <item>met by the first fault that matches;</item>
/// <item>answered with a token from the back end's cache.</item>
/// </list>
/// </summary>
internal sealed class IdentityEndpoint(
    ImdsEmulatorOptions options, RequestLog log, FaultBoard faults, TokenIssuer issuer, CancellationToken stopping)
{
    private readonly RateGate _gate = new(options.RateLimit, options.TimeProvider);
    private readonly IdentityDirectory _identities = new(options.Identities);
    private readonly KnownResources _resources = new(options.Resources);
    private readonly FaultedAnswer _faulted = new(issuer, options.TimeProvider);

    internal async Task HandleAsync(HttpContext context)
    {
        var request = new TokenRequest(context);
        // Other paths do not belong to the limited category: they do not count and are not limited.
        var concurrency = _gate.InFlight + 1;
        var admitted = request.IsForToken && _gate.Enter(out concurrency);
        var entry = Record(context, request, concurrency); // 1
        var answer = await DecideAsync(context, request, entry, admitted);
        if (answer is null)
        {
            entry.Update(r => r with { Outcome = RequestOutcome.Abandoned, AnsweredAt = options.TimeProvider.GetUtcNow() });
            context.Abort();
            return;
        }
        entry.Update(r => Completed(r, answer));
        await AnswerWriter.WriteAsync(context, answer, options.TimeProvider.GetUtcNow());
    }

    /// <summary>Null if the client is gone or the emulator stops. The place is released before the answer's first byte.</summary>
    private async Task<Answer?> DecideAsync(HttpContext context, TokenRequest request, RequestLog.Entry entry, bool admitted)
    {
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        try
        {
            if (!admitted && request.IsForToken) // 2
                return Answer.Refused(Refusal.TooManyRequests, options.RateLimit?.RetryAfter is { } wait ? RetryAfterHeader.Seconds(wait) : null);
            if (request.Check(_resources, options.TenantId) is { } refusal) // 3
                return Answer.Refused(refusal);
            if (_identities.Choose(request.Selector, out refusal) is not { } identity)
                return Answer.Refused(refusal!);
            var met = faults.Meet(identity); // 4
            entry.Update(r => r with { Identity = identity.Name, FaultId = met?.Id, Fault = met?.Fault.Kind });
            return met is null
                ? Answer.Granted(issuer.Current(identity, request.Resource!), options.TimeProvider.GetUtcNow()) // 5
                : await _faulted.AnswerAsync(met, identity, request.Resource!, gone.Token);
        }
        catch (OperationCanceledException) when (gone.IsCancellationRequested)
        {
            return null;
        }
        finally
        {
            if (admitted)
                _gate.Leave();
        }
    }

    private RequestLog.Entry Record(HttpContext context, TokenRequest request, int concurrency) => log.Arrive(number => new()
    {
        Number = number,
        ReceivedAt = options.TimeProvider.GetUtcNow(),
        Concurrency = concurrency,
        Method = context.Request.Method,
        Target = request.Target,
        Headers = context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase),
        Resource = request.Resource,
        Selector = request.Selector,
    });

    private RecordedRequest Completed(RecordedRequest request, Answer answer) => request with
    {
        AnsweredAt = options.TimeProvider.GetUtcNow(),
        Outcome = answer.IsReset ? RequestOutcome.Reset : answer.CutAfter is null ? RequestOutcome.Answered : RequestOutcome.Cut,
        Status = answer.IsReset ? null : answer.Status,
        Error = answer.Error,
        RetryAfter = answer.RetryAfter,
        TokenId = answer.Token?.Id,
        TokenIssuedAt = answer.Token?.IssuedAt,
        TokenExpiresAt = answer.Token?.ExpiresAt,
    };
}
