using System.Buffers.Text;
using System.Text.Json;

namespace TokenBroker.TestSupport.Storage;

/// <summary>A token that looks as one of Entra's does, but for the signature, which neither this stub nor Azurite checks.</summary>
public static class UnsignedToken
{
    public const string DefaultIssuer = "https://sts.windows.net/11111111-2222-3333-4444-555555555555/";

    public static string Create(DateTimeOffset expires, string audience = "https://storage.azure.com", string issuer = DefaultIssuer)
    {
        var issued = expires.AddHours(-24);
        var claims = new Dictionary<string, object>
        {
            ["aud"] = audience,
            ["iss"] = issuer,
            ["iat"] = issued.ToUnixTimeSeconds(),
            ["nbf"] = issued.ToUnixTimeSeconds(),
            ["exp"] = expires.ToUnixTimeSeconds(),
            ["jti"] = Guid.NewGuid(), // no two alike
        };
        return $"{Part(new Dictionary<string, object> { ["typ"] = "JWT", ["alg"] = "RS256" })}.{Part(claims)}.{Base64Url.EncodeToString(Guid.NewGuid().ToByteArray())}";
    }

    private static string Part(Dictionary<string, object> claims) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(claims));
}
