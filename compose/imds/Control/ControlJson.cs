using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using TokenBroker.Imds.Faults;
using TokenBroker.Imds.Identities;
using TokenBroker.Imds.Record;
using TokenBroker.Imds.Tokens;

namespace TokenBroker.Imds.Control;

/// <summary>An injected fault as the control endpoint shows it.</summary>
internal sealed record FaultView(int Id, bool Active, int Met, Fault Fault);

/// <summary>What was cleared.</summary>
internal sealed record Cleared(int Count);

/// <summary>Why a control request was refused.</summary>
internal sealed record ControlProblem(string Error);

/// <summary>What the control endpoint offers.</summary>
internal sealed record ControlHelp(IReadOnlyList<string> Routes, IReadOnlyList<string> FaultKinds);

/// <summary>Durations as text, such as <c>2s</c> or <c>-5m</c>; a number is seconds.</summary>
internal sealed class DurationConverter : JsonConverter<TimeSpan>
{
    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Number && Durations.TryRead(reader.GetDouble().ToString("R", System.Globalization.CultureInfo.InvariantCulture) + "s", out var seconds))
            return seconds;
        if (reader.TokenType == JsonTokenType.String && Durations.TryRead(reader.GetString(), out var duration))
            return duration;
        throw new JsonException("not a duration: write 250ms, 90s, 15m, 24h or a number of seconds");
    }

    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Durations.Write(value));
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    WriteIndented = true,
    Converters = [typeof(DurationConverter)])]
[JsonSerializable(typeof(IReadOnlyList<RecordedRequest>))]
[JsonSerializable(typeof(IReadOnlyList<IssuedToken>))]
[JsonSerializable(typeof(IReadOnlyList<EmulatedIdentity>))]
[JsonSerializable(typeof(IReadOnlyList<FaultView>))]
[JsonSerializable(typeof(Fault))]
[JsonSerializable(typeof(Cleared))]
[JsonSerializable(typeof(ControlProblem))]
[JsonSerializable(typeof(ControlHelp))]
internal sealed partial class ControlJson : JsonSerializerContext
{
    /// <summary>Without escapes that only HTML needs: the text is for people and is not embedded in a page.</summary>
    internal static ControlJson Plain => field ??=
        new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
