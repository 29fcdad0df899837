using System.Text.Json;

namespace TokenBroker.Tokens.Sources;

/// <summary>
/// The <c>error</c> of an identity endpoint's error answer, if it looks like a code. Descriptions can change, and a body
/// may contain anything, so neither is kept.
/// </summary>
internal static class TokenErrorCode
{
    private const int MaxLength = 40;

    public static string? Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(TokenAnswerReader.WithoutByteOrderMark(body));
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("error", out var error)
                && error.ValueKind == JsonValueKind.String
                ? Accept(error.GetString())
                : null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException) // text that is not Unicode
        {
            return null;
        }
    }

    /// <summary>The text, if it looks like a code.</summary>
    public static string? Accept(string? text) =>
        text is { Length: > 0 and <= MaxLength } && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_')
            ? text
            : null;
}
