using System.Net;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using TokenBroker.Configuration;

namespace TokenBroker.Tokens;

/// <summary>
/// Every source other than the metadata endpoint, through Azure.Identity, which knows their protocols. The library's
/// own retries and cache are switched off where that can be done, so that waiting and keeping stay with the entry.
/// </summary>
internal sealed class AzureIdentityTokenSource : ITokenSource
{
    private readonly TokenSourceSelection _selection;
    private readonly IdentitySelector _identity;
    private readonly TokenRequestContext _request;
    private readonly TimeSpan _attemptTimeout;
    private readonly TimeProvider _time;
    private readonly TokenCredential? _credential;

    public AzureIdentityTokenSource(
        TokenSourceSelection selection, IdentitySelector identity, string resource, TimeSpan attemptTimeout, TimeProvider time)
    {
        (_selection, _identity, _attemptTimeout, _time) = (selection, identity, attemptTimeout, time);
        _request = new TokenRequestContext(
            [resource.TrimEnd('/') + "/.default"], claims: PassesCacheByClaims(selection.Kind) ? "{}" : null);
        // A workload identity is made anew for each attempt: the library would keep its token, and cannot be told not to.
        _credential = selection.Kind == TokenSourceKind.WorkloadIdentity ? null : CreateCredential();
    }

    public string Name => _selection.Name;

    public async ValueTask<TokenAnswer> RequestAsync(CancellationToken stopping)
    {
        using var limit = new CancellationTokenSource(_attemptTimeout, _time);
        using var attempt = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stopping);
        try
        {
            var token = await (_credential ?? CreateCredential()).GetTokenAsync(_request, attempt.Token);
            return TokenAnswerReader.Accept(token.Token, token.ExpiresOn, null, _time);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return TokenAnswer.Of(TokenFailureReason.TimedOut, $"no answer within {_attemptTimeout.TotalSeconds:0.#} s");
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            return AzureIdentityFailure.Read(error, _selection.Kind);
        }
    }

    /// <summary>
    /// Non-empty claims make the library ask again instead of answering from its cache. Service Fabric would take them
    /// as word that the good token is revoked, and the Azure CLI credential throws on them.
    /// </summary>
    private static bool PassesCacheByClaims(TokenSourceKind kind) =>
        kind is TokenSourceKind.AppService or TokenSourceKind.AzureArc or TokenSourceKind.CloudShell or TokenSourceKind.AzureMachineLearning;

    private TokenCredential CreateCredential() => _selection.Kind switch
    {
        TokenSourceKind.AzureCli => new AzureCliCredential(new AzureCliCredentialOptions { ProcessTimeout = _attemptTimeout }),
        TokenSourceKind.WorkloadIdentity => CreateWorkloadIdentity(),
        _ => CreateManagedIdentity(),
    };

    private WorkloadIdentityCredential CreateWorkloadIdentity()
    {
        var options = new WorkloadIdentityCredentialOptions { RetryPolicy = new RetryPolicy(0) };
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
        // Service Fabric's endpoint has a self-signed certificate that the library pins in its own transport.
        if (_selection.Kind != TokenSourceKind.ServiceFabric)
        {
            options.RetryPolicy = new RetryPolicy(0);
            options.Transport = new HttpClientTransport(new HttpMessageInvokerClient());
        }

        return new ManagedIdentityCredential(options);
    }

    /// <summary>The transport wants an HttpClient; this one has every setting that ours have.</summary>
    private sealed class HttpMessageInvokerClient() : HttpClient(new QuietErrors(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
    }));
}
