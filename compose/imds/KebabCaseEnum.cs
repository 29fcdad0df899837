using System.Text.Json;
using System.Text.Json.Serialization;

namespace TokenBroker.Imds;

/// <summary>How every enum of the public types is written: <c>truncated-json</c>, never a number.</summary>
internal sealed class KebabCaseEnum<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false)
    where T : struct, Enum;
