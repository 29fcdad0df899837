using System.Text.Json;
using System.Text.Json.Serialization;

namespace TokenBroker.Imds;

/// <summary>The text form of every enum of the public types: <c>truncated-json</c>, never a number.</summary>
internal sealed class KebabCaseEnum<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false)
    where T : struct, Enum;
