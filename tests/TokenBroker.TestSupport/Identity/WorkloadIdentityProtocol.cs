namespace TokenBroker.TestSupport.Identity;

/// <summary>Entra's token endpoint, as a pod with a projected service account token uses it.</summary>
/// <param name="tenant">The one tenant there is.</param>
/// <param name="clientId">The one application that trusts the cluster.</param>
/// <param name="assertion">What the projected file holds now: an older content is refused, as an expired one would be.</param>
public sealed class WorkloadIdentityProtocol(string tenant, string clientId, Func<string> assertion) : IdentityProtocol
{
    public override IdentityAnswer Answer(IdentityRequest request, Func<IssuedToken> issue)
    {
        if (request.Method != "POST" || request.Path != $"/{tenant}/oauth2/v2.0/token")
            return IdentityAnswer.Error(404);
        if (request.Form("grant_type") != "client_credentials" || !(request.Form("scope") ?? "").Split(' ').Contains(Storage + "/.default"))
            return IdentityAnswer.Error(400, "invalid_scope");
        if (request.Form("client_id") != clientId)
            return IdentityAnswer.Error(400, "unauthorized_client");
        if (request.Form("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" || request.Form("client_assertion") != assertion())
            return IdentityAnswer.Error(401, "invalid_client");
        var token = issue();
        return IdentityAnswer.Json(200, new Dictionary<string, object>
        {
            ["token_type"] = "Bearer",
            ["expires_in"] = token.ExpiresIn,
            ["ext_expires_in"] = token.ExpiresIn,
            ["access_token"] = token.Value,
        });
    }
}
