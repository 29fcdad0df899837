using System.Text.Json;

namespace TokenBroker.Tokens.Sources;

/// <summary>
/// Reads the identity endpoint's JSON and accepts it only if it is a token that can be used: a proxy's error page, a
/// truncated body or an expired token must never take a good token's place.
/// </summary>
internal static class TokenAnswerReader
{
    /// <summary>Longer lives do not exist: managed identities' tokens last 24 hours. A month allows for a wrong clock.</summary>
    private static readonly TimeSpan LongestLife = TimeSpan.FromDays(31);

    /// <summary>
    /// The earlier of the moments and the shorter of the lives that <c>expires_on</c> and <c>expires_in</c> state. One that
    /// is missing or unreadable leaves the decision to the other.
    /// </summary>
    /// <param name="json">The answer's body.</param>
    /// <param name="askedOn">
    /// The wall clock when the request was sent: a life that is given in seconds is counted from there, since the host
    /// may have been suspended while the answer lay in the socket.
    /// </param>
    /// <param name="time">The clocks.</param>
    public static TokenAnswer Read(ReadOnlyMemory<byte> json, DateTimeOffset askedOn, TimeProvider time)
    {
        try
        {
            using var document = JsonDocument.Parse(WithoutByteOrderMark(json));
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return Invalid("the answer is not a JSON object");
            var token = document.RootElement.TryGetProperty("access_token", out var value) && value.ValueKind == JsonValueKind.String
                ? value.GetString()
                : null;
            var stated = ExpiriesOf(document.RootElement).ToList();
            if (!string.IsNullOrEmpty(token) && stated.Count == 0)
                return Invalid("neither expires_on nor expires_in is a positive number of seconds or a date");
            var life = stated.Min(expiry => expiry.Life);
            return Accept(token, stated.Min(expiry => expiry.Moment) ?? askedOn + life, life, time);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Escapes that stand for no character pass the parser, and are found only when the text is taken.
            return Invalid("the answer is not JSON in UTF-8");
        }
    }

    /// <summary>The checks that every source's tokens pass.</summary>
    public static TokenAnswer Accept(string? token, DateTimeOffset? expiresOn, TimeSpan? expiresIn, TimeProvider time)
    {
        if (string.IsNullOrEmpty(token))
            return Invalid("the token is missing or empty");
        if (token.AsSpan().ContainsAnyExceptInRange('\x21', '\x7e'))
            return Invalid("the token has characters that a header cannot contain");
        if (expiresOn is not { } expiry)
            return Invalid("the expiry is missing or unreadable");
        var byWall = expiry - time.GetUtcNow();
        // A life in seconds owes nothing to this host's clock: one that is set back grants no more of it, and one that is
        // ahead takes nothing away beyond the time in which it is.
        var longestUse = expiresIn is { } relative && relative > TimeSpan.Zero ? relative : byWall;
        if (byWall <= TimeSpan.Zero)
            return Invalid("the token has already expired by this host's clock");
        if (byWall > LongestLife && longestUse > LongestLife)
            return Invalid("the expiry is implausibly far in the future");
        return TokenAnswer.Of(new BearerToken(token, expiry, longestUse, time));
    }

    private static TokenAnswer Invalid(string detail) => TokenAnswer.Of(TokenFailureReason.InvalidAnswer, detail);

    private static IEnumerable<TokenExpiry> ExpiriesOf(JsonElement answer)
    {
        foreach (var name in (string[])["expires_on", "expires_in"])
        {
            if (answer.TryGetProperty(name, out var value) && TokenExpiry.Read(value) is { } expiry)
                yield return expiry;
        }
    }

    /// <summary>JSON has none, but some writers of UTF-8 put one in front.</summary>
    internal static ReadOnlyMemory<byte> WithoutByteOrderMark(ReadOnlyMemory<byte> json) =>
        json.Span.StartsWith("\uFEFF"u8) ? json[3..] : json;
}
