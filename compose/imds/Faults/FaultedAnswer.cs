using TokenBroker.Imds.Endpoint;
using TokenBroker.Imds.Identities;
using TokenBroker.Imds.Tokens;

namespace TokenBroker.Imds.Faults;

/// <summary>What a request gets that met a fault: one kind, one answer.</summary>
internal sealed class FaultedAnswer(TokenIssuer issuer, TimeProvider time)
{
    /// <summary>Waits as the fault demands, then answers. A wait ends early when the fault is cleared or over.</summary>
    /// <exception cref="OperationCanceledException">The client is gone, or the emulator stops.</exception>
    internal async Task<Answer> AnswerAsync(InjectedFault met, EmulatedIdentity identity, string resource, CancellationToken gone)
    {
        var fault = met.Fault;
        if (fault.Delay is { } delay)
            await HoldAsync(delay, met, gone);
        if (fault.Kind == FaultKind.Hang)
            await HoldAsync(Timeout.InfiniteTimeSpan, met, gone);
        return fault.Kind switch
        {
            FaultKind.Status => Status(fault),
            FaultKind.Reset => Answer.Reset,
            FaultKind.Garbage => Answer.Garbage,
            FaultKind.TruncatedJson => Truncated(Healthy(identity, resource)),
            FaultKind.CutBody => Cut(Healthy(identity, resource)),
            FaultKind.EmptyToken => Answer.Granted(issuer.Current(identity, resource), Now, accessToken: "") with { Token = null },
            FaultKind.ExpiredToken => Expired(identity, resource),
            FaultKind.SameToken => Answer.Granted(issuer.Same(identity, resource), Now),
            FaultKind.ClockSkew => Skewed(identity, resource, Now + fault.Skew!.Value),
            FaultKind.Expiry => ExpiryForm.Write(Healthy(identity, resource), fault, Now),
            _ => Healthy(identity, resource),
        };
    }

    private DateTimeOffset Now => time.GetUtcNow();

    private Answer Healthy(EmulatedIdentity identity, string resource) => Answer.Granted(issuer.Current(identity, resource), Now);

    private Answer Status(Fault fault)
    {
        var (error, description) = TextOf(fault.Status!.Value);
        var retryAfter = fault.RetryAfter is not { } wait ? null
            : fault.RetryAfterAsDate ? RetryAfterHeader.Date(Now, wait) : RetryAfterHeader.Seconds(wait);
        return Answer.Refused(new(fault.Status.Value, fault.Error ?? error, fault.ErrorDescription ?? description), retryAfter);
    }

    private static (string Error, string Description) TextOf(int status) => status switch
    {
        400 => ("invalid_request", "Identity not found"),
        401 => ("unknown_source", "Unknown Source"),
        403 => ("access_denied", "The resource owner or authorization server denied the request."),
        404 => ("not_found", "The metadata service is being updated"),
        410 => ("gone", "The metadata service is being updated and is available again within 70 seconds"),
        429 => (Refusal.TooManyRequests.Error, Refusal.TooManyRequests.Description!),
        500 => ("unknown", "Failed to retrieve token from the Active directory."),
        _ => ("unknown", "An unexpected error"),
    };

    /// <summary>Cut in the middle, which is within the token: by far the longest value.</summary>
    private static Answer Truncated(Answer whole) => whole with { Body = whole.Body[..(whole.Body.Length / 2)] };

    private static Answer Cut(Answer whole) => whole with { CutAfter = whole.Body.Length / 2 };

    private Answer Expired(EmulatedIdentity identity, string resource)
    {
        var token = issuer.Expired(identity, resource, Now - TimeSpan.FromMinutes(1));
        return Answer.Granted(token, Now);
    }

    private Answer Skewed(EmulatedIdentity identity, string resource, DateTimeOffset clock) =>
        Answer.Granted(issuer.AtClock(identity, resource, clock), clock) with { Date = clock };

    private async Task HoldAsync(TimeSpan wait, InjectedFault met, CancellationToken gone)
    {
        using var released = CancellationTokenSource.CreateLinkedTokenSource(met.Ended, gone);
        await Task.Delay(wait, time, released.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        gone.ThrowIfCancellationRequested();
    }
}
