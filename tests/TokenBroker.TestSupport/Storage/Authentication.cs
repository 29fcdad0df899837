using System.Buffers.Text;
using System.Text.Json;

namespace TokenBroker.TestSupport.Storage;

/// <summary>Who may come in: a bearer token and nothing else. There is no key, so that neither SharedKey nor SAS can ever be right.</summary>
internal static class Authentication
{
    // Facts C3. None of these names belongs to an operation, so that one which a proxy forgot to strip is seen.
    private static readonly string[] SasParameters =
    [
        "sv", "ss", "srt", "spr", "st", "se", "sip", "si", "sr", "sp", "sig", "skoid", "sktid", "skt", "ske", "sks", "skv", "skdutid",
        "rscc", "rscd", "rsce", "rscl", "rsct", "saoid", "suoid", "scid", "sdd", "ses", "sduoid", "srh", "srq",
    ];

    /// <summary>Null lets the request in.</summary>
    public static StorageError? Check(StorageRequest request, DateTimeOffset now)
    {
        var authorization = request.Authorization;
        var hasSas = HasSas(request.Query);
        if (string.IsNullOrEmpty(authorization))
        {
            if (hasSas)
                return StorageError.AuthenticationFailed("Signature did not match.");
            return request.Version.Challenges ? StorageError.NoAuthenticationInformation : StorageError.NotFound("ResourceNotFound");
        }

        var space = authorization.IndexOf(' ', StringComparison.Ordinal);
        if (space <= 0 || authorization.IndexOfAny([',', '\t']) >= 0)
            return StorageError.MalformedAuthorization;
        var (scheme, credential) = (authorization[..space], authorization[(space + 1)..]);
        if (scheme is "SharedKey" or "SharedKeyLite")
            return StorageError.AuthenticationFailed("The MAC signature found in the HTTP request is not the same as any computed signature.");
        if (!scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase) || credential.Length == 0 || credential.Contains(' '))
            return StorageError.MalformedAuthorization;
        // Facts C1: absent counts as too old.
        if (!request.Version.KnowsBearer)
            return StorageError.AuthenticationFailed("Authentication scheme Bearer is not supported in this version.");
        // Facts C3: what Azure says to a SAS beside a good token is not confirmed (400 and 403 were seen with
        // foreign ones). A refusal either way, so that a SAS which was not stripped cannot go unseen.
        if (hasSas)
            return StorageError.AuthenticationFailed("Only one of a SAS and an Authorization header may be given.");
        return TokenFault(request.Account, credential, now) is { } detail ? Rejected(request.Version, detail) : null;
    }

    // Facts C2: the same fault is a 401 today and was a 403 before 2019-12-12.
    private static StorageError Rejected(ServiceVersion version, string detail) =>
        version.Challenges ? StorageError.InvalidToken(detail) : StorageError.AuthenticationFailed(detail);

    /// <summary>True if any parameter is one of a SAS.</summary>
    public static bool HasSas(IReadOnlyDictionary<string, string> query) =>
        query.Keys.Any(name => SasParameters.Contains(name, StringComparer.OrdinalIgnoreCase));

    /// <summary>What the account has against the token; null if nothing.</summary>
    public static string? TokenFault(StorageAccount account, string token, DateTimeOffset now)
    {
        const string expired = "Lifetime validation failed. The token is expired.";
        if (account.HasExpired(token))
            return expired;
        if (Claims(token) is not { } claims)
            return account.TakesOpaqueTokens ? null : "Signature validation failed. No valid token was found.";
        if (Number(claims, "exp") is not { } exp || Number(claims, "nbf") is not { } nbf)
            return "Lifetime validation failed. The token has no lifetime.";
        if (now.ToUnixTimeSeconds() >= exp)
            return expired;
        if (now.ToUnixTimeSeconds() < nbf)
            return "Lifetime validation failed. The token is not yet valid.";
        var audience = Text(claims, "aud")?.TrimEnd('/');
        if (audience != account.Audience.TrimEnd('/') && audience != $"https://{account.Name}.blob.core.windows.net")
            return "Audience validation failed. Audience did not match.";
        return account.Issuer is { } issuer && Text(claims, "iss") != issuer ? "Issuer validation failed. Issuer did not match." : null;
    }

    private static JsonElement? Claims(string token)
    {
        var parts = token.Split('.');
        if (parts.Length != 3)
            return null;
        try
        {
            using var document = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[1]));
            return document.RootElement.Clone();
        }
        catch (Exception fault) when (fault is FormatException or JsonException)
        {
            return null;
        }
    }

    private static long? Number(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.TryGetInt64(out var number) ? number : null;

    private static string? Text(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
