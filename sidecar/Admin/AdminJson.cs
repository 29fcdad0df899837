using System.Text.Json.Serialization;

namespace TokenBroker.Admin;

[JsonSerializable(typeof(HealthReport))]
[JsonSerializable(typeof(RefreshReport))]
[JsonSerializable(typeof(AdminAnswer))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class AdminJson : JsonSerializerContext;
