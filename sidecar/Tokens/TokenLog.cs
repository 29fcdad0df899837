using Microsoft.Extensions.Logging;

namespace TokenBroker.Tokens;

/// <summary>The log messages of this slice. They contain only times and codes, never a token or an answer's body.</summary>
internal static partial class TokenLog
{
    [LoggerMessage(100, LogLevel.Information,
        "Token for {Identity} from {Source} received. It expires at {ExpiresOn:u}; next refresh in {Next:0.#} s")]
    public static partial void Received(ILogger logger, string identity, string source, DateTimeOffset expiresOn, double next);

    [LoggerMessage(101, LogLevel.Debug,
        "Token for {Identity} from {Source} is unchanged. It expires at {ExpiresOn:u}; next attempt in {Next:0.#} s")]
    public static partial void Unchanged(ILogger logger, string identity, string source, DateTimeOffset expiresOn, double next);

    [LoggerMessage(102, LogLevel.Warning,
        "Token refresh for {Identity} from {Source} failed ({Reason}, {Detail}). The current token is valid until {ExpiresOn:u}; "
        + "next attempt in {Next:0.#} s. {Sentence}")]
    public static partial void FailedWithToken(ILogger logger, string identity, string source, string reason, string? detail,
        string sentence, DateTimeOffset expiresOn, double next);

    [LoggerMessage(103, LogLevel.Error,
        "No token for {Identity} from {Source} ({Reason}, {Detail}). Requests that need it are answered with 503; "
        + "next attempt in {Next:0.#} s. {Sentence}")]
    public static partial void FailedWithoutToken(ILogger logger, string identity, string source, string reason, string? detail,
        string sentence, double next);

    [LoggerMessage(104, LogLevel.Information,
        "Token for {Identity} from {Source} received again after {Failures} failed attempts")]
    public static partial void Recovered(ILogger logger, string identity, string source, int failures);
}
