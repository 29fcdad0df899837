namespace TokenBroker.Proxy.Telemetry;

/// <summary>The two request ids that support asks for: the client's and storage's.</summary>
internal static class RequestIds
{
    public const string Client = "x-ms-client-request-id";
    public const string Storage = "x-ms-request-id";

    private const int MaxLength = 128;

    /// <summary>One plain word, or null: the client chooses it, and it must not look like another log line.</summary>
    public static string? Of(IHeaderDictionary headers, string name) => headers[name].ToString() is { Length: > 0 } text
        ? string.Concat(text.Take(MaxLength).Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ':' or '/' ? c : '?'))
        : null;
}
