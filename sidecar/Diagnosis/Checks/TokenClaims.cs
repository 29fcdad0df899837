using System.Buffers.Text;
using System.Text.Json;
using TokenBroker.Tokens.Answers;

namespace TokenBroker.Diagnosis.Checks;

/// <summary>The claims of a token: audience, identity, lifetime. Its signature is not verified here; storage does that.</summary>
internal sealed record TokenClaims(
    string? Audience, string? Issuer, string? Tenant, string? ObjectId, string? ClientId, string? ResourceId, DateTimeOffset? NotBefore, DateTimeOffset? Expires)
{
    /// <summary>
    /// Storage's own audience, with or without a trailing slash, and its application id. An account's address is valid for
    /// that account.
    /// </summary>
    public bool IsForStorage => Audience?.TrimEnd('/') is { } audience
        && (audience is "https://storage.azure.com" or "e406a681-f3d4-42a8-90b6-c2b029497af1" || audience.Contains(".blob.", StringComparison.Ordinal));

    /// <returns>Null if the token is not a JWT.</returns>
    public static TokenClaims? Read(BearerToken token)
    {
        if (token.HeaderValue["Bearer ".Length..].Split('.') is not [_, var payload, _])
            return null;
        try
        {
            using var document = JsonDocument.Parse(Base64Url.DecodeFromChars(payload));
            var claims = document.RootElement;
            return claims.ValueKind != JsonValueKind.Object ? null : new(
                Text(claims, "aud"), Text(claims, "iss"), Text(claims, "tid"), Text(claims, "oid"),
                Text(claims, "appid") ?? Text(claims, "azp"), Text(claims, "xms_mirid"), Time(claims, "nbf"), Time(claims, "exp"));
        }
        catch (Exception error) when (error is FormatException or JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: <= 500 } text
            ? string.Concat(text.Where(c => !char.IsControl(c)))
            : null;

    private static DateTimeOffset? Time(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number
            && value.TryGetInt64(out var seconds) && seconds is >= 0 and <= uint.MaxValue
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;
}
