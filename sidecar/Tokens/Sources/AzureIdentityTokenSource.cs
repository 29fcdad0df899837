using System.Globalization;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using TokenBroker.Configuration;
using TokenBroker.Tokens.Answers;
using TokenBroker.Tokens.Schedule;

namespace TokenBroker.Tokens.Sources;

/// <summary>
/// Every source other than the metadata endpoint, through Azure.Identity, which knows their protocols. The library's
/// own retries and cache are switched off where possible, so that only the entry waits and caches.
/// </summary>
internal sealed class AzureIdentityTokenSource : ITokenSource
{
    /// <summary>
    /// How long an attempt may wait for the attempts of other identities, which the library makes one after the other. Each
    /// attempt has its own timeout; this only ends a wait that would never end.
    /// </summary>
    private static readonly TimeSpan MaxQueueTime = TimeSpan.FromMinutes(10);

    /// <summary>The Azure CLI is a program that takes seconds to start. The library's own limit for it.</summary>
    private static readonly TimeSpan ShortestCliTimeout = TimeSpan.FromSeconds(13);

    private readonly TokenSourceSelection _selection;
    private readonly IdentitySelector _identity;
    private readonly TokenRequestContext _request;
    private readonly TimeProvider _time;
    private readonly AzureIdentityExchange? _exchange;
    private readonly TokenCredential? _credential;

    public AzureIdentityTokenSource(
        TokenSourceSelection selection, IdentitySelector identity, string resource, TimeSpan attemptTimeout, TimeProvider time)
    {
        (_selection, _identity, _time) = (selection, identity, time);
        AttemptTimeout = selection.Kind == TokenSourceKind.AzureCli && attemptTimeout < ShortestCliTimeout ? ShortestCliTimeout : attemptTimeout;
        _request = new TokenRequestContext(
            [resource.TrimEnd('/') + "/.default"], claims: PassesCacheByClaims(selection.Kind) ? "{}" : null);
        // Service Fabric's endpoint has a self-signed certificate, which the library pins only in its own transport.
        if (selection.Kind is not (TokenSourceKind.ServiceFabric or TokenSourceKind.AzureCli))
            _exchange = AzureIdentityExchange.Create(viaWebProxy: selection.Kind == TokenSourceKind.WorkloadIdentity, time);
        // A workload identity credential is created for each attempt, because the library would cache its token and has no
        // setting to prevent this.
        _credential = selection.Kind == TokenSourceKind.WorkloadIdentity ? null : CreateCredential();
    }

    public string Name => _selection.Name;

    public TimeSpan AttemptTimeout { get; }

    public async ValueTask<TokenAnswer> RequestAsync(TimeSpan limit, CancellationToken stopping)
    {
        if (CannotName(_selection.Kind, _identity) is { } detail)
            return TokenAnswer.Of(TokenFailureReason.IdentityNotAssigned, detail);
        using var ended = new CancellationTokenSource(_exchange is null ? limit : MaxQueueTime, _time);
        using var attempt = CancellationTokenSource.CreateLinkedTokenSource(ended.Token, stopping);
        _exchange?.Begin(ended, limit);
        try
        {
            var token = await (_credential ?? CreateCredential()).GetTokenAsync(_request, attempt.Token);
            return TokenAnswerReader.Accept(token.Token, WholeSeconds(token.ExpiresOn), null, _time);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return TokenAnswer.Of(TokenFailureReason.TimedOut, _exchange is { WasSent: false }
                ? "the attempts of other identities of this process took the whole time"
                : string.Create(CultureInfo.InvariantCulture, $"no answer within {limit.TotalSeconds:0.#} s"));
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            return AzureIdentityFailure.Read(error, _selection.Kind, _exchange);
        }
        finally
        {
            _exchange?.End();
        }
    }

    /// <summary>
    /// Why the source cannot be used for this identity; null if it can. The source would not refuse, but return the token
    /// of another identity.
    /// </summary>
    private static string? CannotName(TokenSourceKind kind, IdentitySelector identity) => (kind, identity.Kind) switch
    {
        (TokenSourceKind.AzureArc or TokenSourceKind.CloudShell or TokenSourceKind.ServiceFabric, not IdentityKind.System) =>
            "this source has only one identity; use system",
        (TokenSourceKind.WorkloadIdentity, IdentityKind.ObjectId or IdentityKind.ResourceId) =>
            "a workload identity can be named only by its client id",
        _ => null,
    };

    /// <summary>Issuers use whole seconds. The library adds the fraction of its own clock, which may be too late.</summary>
    private static DateTimeOffset WholeSeconds(DateTimeOffset expiry) => DateTimeOffset.FromUnixTimeSeconds(expiry.ToUnixTimeSeconds());

    /// <summary>
    /// Claims that are not empty make the library request a token instead of using its cache. Service Fabric would
    /// understand them as a revocation of the current token, and the Azure CLI credential throws.
    /// </summary>
    private static bool PassesCacheByClaims(TokenSourceKind kind) =>
        kind is TokenSourceKind.AppService or TokenSourceKind.AzureArc or TokenSourceKind.CloudShell or TokenSourceKind.AzureMachineLearning;

    private TokenCredential CreateCredential() => _selection.Kind switch
    {
        TokenSourceKind.AzureCli => new AzureCliCredential(new AzureCliCredentialOptions { ProcessTimeout = 2 * RefreshSchedule.MaxAttemptAfter(AttemptTimeout, null, int.MaxValue) }),
        TokenSourceKind.WorkloadIdentity => CreateWorkloadIdentity(),
        _ => CreateManagedIdentity(),
    };

    private WorkloadIdentityCredential CreateWorkloadIdentity()
    {
        var options = new WorkloadIdentityCredentialOptions
        {
            RetryPolicy = new RetryPolicy(0),
            Transport = Transport(),
            // The authority is Azure's own or the one that the environment names. Validating it at Azure's public address
            // would fail in a cloud without access to it, and would be one more request in every attempt.
            DisableInstanceDiscovery = true,
        };
        if (_identity.Kind == IdentityKind.ClientId)
            options.ClientId = _identity.Value;
        return new WorkloadIdentityCredential(options);
    }

    private ManagedIdentityCredential CreateManagedIdentity()
    {
        var options = new ManagedIdentityCredentialOptions(_identity.Kind switch
        {
            IdentityKind.ClientId => ManagedIdentityId.FromUserAssignedClientId(_identity.Value!),
            IdentityKind.ObjectId => ManagedIdentityId.FromUserAssignedObjectId(_identity.Value!),
            IdentityKind.ResourceId => ManagedIdentityId.FromUserAssignedResourceId(new ResourceIdentifier(_identity.Value!)),
            _ => ManagedIdentityId.SystemAssigned,
        });
        options.RetryPolicy = new RetryPolicy(0);
        if (_exchange is not null)
            options.Transport = Transport();
        return new ManagedIdentityCredential(options);
    }

    private HttpClientTransport Transport() => new(new HttpClient(_exchange!, disposeHandler: false));
}
