using System.Text;

namespace TokenBroker.TestSupport.Identity;

/// <summary>App Service, Functions and Container Apps.</summary>
/// <param name="secret">What IDENTITY_HEADER holds.</param>
/// <param name="clientIds">User-assigned identities; every other one is unknown. Null knows all.</param>
public sealed class AppServiceProtocol(string secret, IReadOnlyCollection<string>? clientIds = null) : IdentityProtocol
{
    public override IdentityAnswer Answer(IdentityRequest request, Func<IssuedToken> issue)
    {
        if (request.Method != "GET" || request.Path != "/msi/token")
            return IdentityAnswer.Error(404);
        if (request.Header("X-IDENTITY-HEADER") != secret)
            return IdentityAnswer.Error(401);
        if (request.Query("api-version") != "2019-08-01" || request.Query("resource") != Storage)
            return IdentityAnswer.Error(400);
        return request.Query("client_id") is not { } id || clientIds is null || clientIds.Contains(id)
            ? Give(issue())
            : IdentityAnswer.Error(400);
    }
}

/// <summary>Service Fabric: https with a certificate that nobody vouches for.</summary>
/// <param name="secret">What IDENTITY_HEADER holds.</param>
public sealed class ServiceFabricProtocol(string secret) : IdentityProtocol
{
    public override IdentityAnswer Answer(IdentityRequest request, Func<IssuedToken> issue)
    {
        if (request.Header("secret") != secret)
            return IdentityAnswer.Error(401);
        return request.Method == "GET" && request.Query("resource") == Storage && request.Query("api-version") is { Length: 10 or 18 }
            ? Give(issue())
            : IdentityAnswer.Error(400);
    }
}

/// <summary>Cloud Shell: a POST with a form.</summary>
public sealed class CloudShellProtocol : IdentityProtocol
{
    public override IdentityAnswer Answer(IdentityRequest request, Func<IssuedToken> issue) =>
        request.Method == "POST" && request.Header("Metadata") == "true" && request.Form("resource") == Storage
            ? Give(issue())
            : IdentityAnswer.Error(400);
}

/// <summary>
/// Azure Arc: whoever asks is first sent to a file that only the right users can read, and must show its content.
/// </summary>
/// <param name="file">The file, which is written anew for every challenge.</param>
/// <param name="named">Its name in the challenge: where the one who asks finds it.</param>
public sealed class ArcProtocol(string file, string named) : IdentityProtocol
{
    private string? _secret;

    public override IdentityAnswer Answer(IdentityRequest request, Func<IssuedToken> issue)
    {
        if (request.Path != "/metadata/identity/oauth2/token" || request.Header("Metadata") != "true"
            || request.Query("api-version") is null || request.Query("resource") != Storage)
            return IdentityAnswer.Error(400);
        if (request.Header("Authorization") is not { } authorization)
            return Challenge();
        // A challenge is good for one answer.
        var expected = Interlocked.Exchange(ref _secret, null);
        return expected is not null && authorization == "Basic " + expected ? Give(issue()) : IdentityAnswer.Error(401);
    }

    private IdentityAnswer Challenge()
    {
        _secret = Convert.ToBase64String(Encoding.ASCII.GetBytes(Guid.NewGuid().ToString()));
        File.WriteAllText(file, _secret);
        return IdentityAnswer.Error(401) with { Headers = new Dictionary<string, string> { ["WWW-Authenticate"] = $"Basic realm={named}" } };
    }
}
