using System.Text.Json;
using TokenBroker.Tokens.Answers;

namespace TokenBroker.Tokens.Sources;

/// <summary>
/// Reads the identity endpoint's JSON and accepts it only if it contains a usable token: a proxy's error page, a truncated
/// body or an expired token must never replace a valid token.
/// </summary>
internal static class TokenAnswerReader
{
    /// <summary>
    /// The longest accepted lifetime. Tokens of managed identities last 24 hours; a month allows for a wrong clock.
    /// </summary>
    private static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(31);

    /// <summary>
    /// The earlier of the times and the shorter of the lifetimes in <c>expires_on</c> and <c>expires_in</c>. If one is
    /// missing or unreadable, the other is used.
    /// </summary>
    /// <param name="json">The answer's body.</param>
    /// <param name="askedOn">
    /// The wall clock when the request was sent: a lifetime in seconds starts then, because the host may have been
    /// suspended while the answer was in the socket.
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
            // The parser accepts escapes that are not valid characters; they are found only when the text is read.
            return Invalid("the answer is not JSON in UTF-8");
        }
    }

    /// <summary>The checks for the tokens of every source.</summary>
    public static TokenAnswer Accept(string? token, DateTimeOffset? expiresOn, TimeSpan? expiresIn, TimeProvider time)
    {
        if (string.IsNullOrEmpty(token))
            return Invalid("the token is missing or empty");
        if (token.AsSpan().ContainsAnyExceptInRange('\x21', '\x7e'))
            return Invalid("the token has characters that a header cannot contain");
        if (expiresOn is not { } expiry)
            return Invalid("the expiry is missing or unreadable");
        var byWall = expiry - time.GetUtcNow();
        // A lifetime in seconds does not depend on this host's clock: a clock that is set back does not extend it, and a
        // clock that is ahead shortens it only while it is ahead.
        var longestUse = expiresIn is { } relative && relative > TimeSpan.Zero ? relative : byWall;
        if (byWall <= TimeSpan.Zero)
            return Invalid("the token has already expired by this host's clock");
        if (byWall > MaxLifetime && longestUse > MaxLifetime)
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

    /// <summary>JSON has no byte order mark, but some writers of UTF-8 add one.</summary>
    internal static ReadOnlyMemory<byte> WithoutByteOrderMark(ReadOnlyMemory<byte> json) =>
        json.Span.StartsWith("\uFEFF"u8) ? json[3..] : json;
}
