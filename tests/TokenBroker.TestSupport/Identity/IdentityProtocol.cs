namespace TokenBroker.TestSupport.Identity;

/// <summary>A token that an endpoint is about to give, with its expiry in seconds since 1970, and its life in seconds.</summary>
public sealed record IssuedToken(string Value, long ExpiresOn, long ExpiresIn);

/// <summary>How one platform hands out tokens. A request that the platform would refuse is refused.</summary>
public abstract class IdentityProtocol
{
    protected const string Storage = "https://storage.azure.com";

    /// <summary>Answers a request; <paramref name="issue"/> makes a token, and is called for a request that deserves one alone.</summary>
    public abstract IdentityAnswer Answer(IdentityRequest request, Func<IssuedToken> issue);

    /// <summary>What the platforms on the host say: every value a string, and no <c>expires_in</c>.</summary>
    protected static IdentityAnswer Give(IssuedToken token) => IdentityAnswer.Json(200, new Dictionary<string, object>
    {
        ["access_token"] = token.Value,
        ["expires_on"] = token.ExpiresOn.ToString(System.Globalization.CultureInfo.InvariantCulture),
        ["resource"] = Storage,
        ["token_type"] = "Bearer",
        ["client_id"] = "11111111-1111-1111-1111-111111111111",
    });
}
