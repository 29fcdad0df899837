using System.Globalization;
using System.Text;
using System.Text.Json;
using TokenBroker.Imds.Tokens;

namespace TokenBroker.Imds.Endpoint;

/// <summary>The answer, decided before its first byte is sent.</summary>
internal sealed record Answer
{
    internal int Status { get; init; } = 200;

    internal byte[] Body { get; init; } = [];

    internal string ContentType { get; init; } = "application/json; charset=utf-8";

    internal string? Error { get; init; }

    internal string? RetryAfter { get; init; }

    /// <summary>The Date header of a wrong clock; null for the emulator's own.</summary>
    internal DateTimeOffset? Date { get; init; }

    internal IssuedToken? Token { get; init; }

    /// <summary>How many bytes of the body are sent before the connection is closed. Null: all.</summary>
    internal int? CutAfter { get; init; }

    /// <summary>A reset of the connection instead of an answer.</summary>
    internal bool IsReset { get; init; }

    internal static Answer Reset { get; } = new() { IsReset = true };

    internal static Answer Refused(Refusal refusal, string? retryAfter = null) => new()
    {
        Status = refusal.Status,
        Error = refusal.Error,
        RetryAfter = retryAfter,
        Body = JsonSerializer.SerializeToUtf8Bytes(new ErrorBody
        {
            Error = refusal.Error,
            ErrorDescription = refusal.Description,
            NewestVersions = refusal == Refusal.ApiVersion ? ApiVersions.Newest : null,
        }, AnswerJson.Plain.ErrorBody),
    };

    /// <summary>Every value is a JSON string, as the real endpoint writes them.</summary>
    /// <param name="token">The token to hand out.</param>
    /// <param name="now">The clock against which expires_in is counted.</param>
    /// <param name="accessToken">Another text in the token's place.</param>
    internal static Answer Granted(IssuedToken token, DateTimeOffset now, string? accessToken = null)
    {
        var left = Math.Max(0, (long)Math.Floor((token.ExpiresAt - now).TotalSeconds));
        var whole = (long)(token.ExpiresAt - token.IssuedAt).TotalSeconds;
        return new()
        {
            Token = token,
            Body = JsonSerializer.SerializeToUtf8Bytes(new TokenBody
            {
                AccessToken = accessToken ?? token.Value,
                ClientId = token.ClientId.ToString(),
                RefreshToken = "",
                ExpiresIn = Text(left),
                ExpiresOn = Text(token.ExpiresAt.ToUnixTimeSeconds()),
                ExtExpiresIn = Text(Math.Max(left, whole - 1)),
                NotBefore = Text(token.NotBefore.ToUnixTimeSeconds()),
                Resource = token.Resource,
                TokenType = "Bearer",
            }, AnswerJson.Plain.TokenBody),
        };
    }

    internal static Answer Garbage { get; } = new()
    {
        ContentType = "text/html",
        Body = Encoding.UTF8.GetBytes("<!DOCTYPE html><html><body><h1>Sign in to the network</h1></body></html>\n"),
    };

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
