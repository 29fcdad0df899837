using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace TokenBroker.Tokens;

/// <summary>
/// Reads the identity endpoint's JSON and accepts it only if it is a token that can be used: a proxy's error page, a
/// truncated body or an expired token must never take a good token's place.
/// </summary>
internal static partial class TokenAnswerReader
{
    /// <summary>Longer lives do not exist: managed identities' tokens last 24 hours. A month allows for a wrong clock.</summary>
    private static readonly TimeSpan LongestLife = TimeSpan.FromDays(31);

    /// <summary>
    /// The platforms write the expiry as a string or a number of seconds since 1970, as ISO 8601, or as a date in
    /// US order; and <c>expires_in</c> as a string or number of seconds, or not at all.
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
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return Invalid("the answer is no JSON object");
            var token = Text(document.RootElement, "access_token");
            var expiresIn = Seconds(Text(document.RootElement, "expires_in"));
            var expiresOn = Date(Text(document.RootElement, "expires_on"));
            return Accept(token, expiresOn ?? askedOn + expiresIn, expiresIn, time);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Escapes that stand for no character pass the parser, and are found only when the text is taken.
            return Invalid("the answer is not JSON");
        }
    }

    /// <summary>The checks that every source's tokens pass.</summary>
    public static TokenAnswer Accept(string? token, DateTimeOffset? expiresOn, TimeSpan? expiresIn, TimeProvider time)
    {
        if (string.IsNullOrEmpty(token))
            return Invalid("the token is missing or empty");
        if (token.AsSpan().ContainsAnyExceptInRange('\x21', '\x7e'))
            return Invalid("the token has characters that no header can carry");
        if (expiresOn is not { } expiry)
            return Invalid("the expiry is missing or unreadable");
        var byWall = expiry - time.GetUtcNow();
        // A life in seconds owes nothing to this host's clock: one that is set back grants no more of it, and one that is
        // ahead takes nothing away beyond the time in which it is.
        var longestUse = expiresIn is { } relative && relative > TimeSpan.Zero ? relative : byWall;
        if (byWall <= TimeSpan.Zero)
            return Invalid("the token is expired already, by this host's clock");
        if (byWall > LongestLife && longestUse > LongestLife)
            return Invalid("the expiry is too far ahead to be true");
        return TokenAnswer.Of(new BearerToken(token, expiry, longestUse, time));
    }

    private static TokenAnswer Invalid(string detail) => TokenAnswer.Of(TokenFailureReason.InvalidAnswer, detail);

    private static string? Text(JsonElement answer, string name) =>
        !answer.TryGetProperty(name, out var value) ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : value.ValueKind == JsonValueKind.Number ? value.GetRawText()
        : null;

    private static TimeSpan? Seconds(string? text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
            && seconds is >= 0 and <= uint.MaxValue // a century: beyond it lies only nonsense, and the end of the calendar
            ? TimeSpan.FromSeconds(seconds)
            : null;

    private static DateTimeOffset? Date(string? text)
    {
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var epoch))
            return epoch <= DateTimeOffset.MaxValue.ToUnixTimeSeconds() ? DateTimeOffset.FromUnixTimeSeconds(epoch) : DateTimeOffset.MaxValue;
        return DateTimeOffset.TryParse(WithoutNeedlessMark(text), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date)
            ? date
            : null;
    }

    /// <summary>
    /// The old App Service writes 12-hour clocks ("9/14/2017 1:00:00 PM +00:00"), and by its documentation also 24-hour
    /// ones with a PM behind them ("00:00:00 PM"), where the mark means nothing.
    /// </summary>
    private static string? WithoutNeedlessMark(string? text) => text is null ? null : NeedlessMark().Replace(text, "$1 ");

    [GeneratedRegex(@"(\b(?:00|1[3-9]|2[0-3]):\d\d:\d\d) [AP]M ", RegexOptions.CultureInvariant)]
    private static partial Regex NeedlessMark();
}
