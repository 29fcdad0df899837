using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace TokenBroker.Imds.Endpoint;

/// <summary>The answer to a token request, in the order of the real one.</summary>
internal sealed record TokenBody
{
    public required string AccessToken { get; init; }
    public required string ClientId { get; init; }
    public required string RefreshToken { get; init; }
    public required string ExpiresIn { get; init; }
    public required string ExpiresOn { get; init; }
    public required string ExtExpiresIn { get; init; }
    public required string NotBefore { get; init; }
    public required string Resource { get; init; }
    public required string TokenType { get; init; }
}

/// <summary>An error, in either of the two shapes that the service has.</summary>
internal sealed record ErrorBody
{
    public required string Error { get; init; }
    public string? ErrorDescription { get; init; }

    [JsonPropertyName("newest-versions")]
    public IReadOnlyList<string>? NewestVersions { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TokenBody))]
[JsonSerializable(typeof(ErrorBody))]
internal sealed partial class AnswerJson : JsonSerializerContext
{
    /// <summary>Without escapes that only HTML needs; the real service writes an apostrophe as an apostrophe.</summary>
    internal static AnswerJson Plain => field ??=
        new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
