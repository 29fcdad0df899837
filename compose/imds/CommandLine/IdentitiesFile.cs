using System.Text.Json;
using System.Text.Json.Serialization;
using TokenBroker.Imds.Identities;

namespace TokenBroker.Imds.CommandLine;

/// <summary>A JSON file with the assigned identities, in place of many <c>--identity</c>.</summary>
internal static class IdentitiesFile
{
    internal static IEnumerable<EmulatedIdentity> Read(SettingsReader reader, string setting, string path)
    {
        try
        {
            var entries = JsonSerializer.Deserialize(File.ReadAllBytes(path), IdentitiesJson.Default.IdentityEntryArray) ?? [];
            return [.. entries.Select(entry => Identity(reader, setting, path, entry)).OfType<EmulatedIdentity>()];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or NotSupportedException)
        {
            return reader.Fail<IEnumerable<EmulatedIdentity>>(setting, path,
                $"{Reason(e)}; write [{{\"kind\":\"user\",\"name\":\"backup\",\"clientId\":\"GUID\"}}]", []);
        }
    }

    private static string Reason(Exception e) => e is JsonException json
        ? $"not understood at {json.Path ?? "$"}, line {json.LineNumber + 1}"
        : e.Message.TrimEnd('.');

    private static EmulatedIdentity? Identity(SettingsReader reader, string setting, string path, IdentityEntry entry) => entry switch
    {
        { Kind: IdentityKind.System, ResourceId: null } => EmulatedIdentity.System(entry.Name ?? "system", entry.ClientId, entry.ObjectId),
        { Kind: IdentityKind.User, Name: { Length: > 0 } name } => EmulatedIdentity.User(name, entry.ClientId, entry.ObjectId, entry.ResourceId),
        { Kind: IdentityKind.User } => reader.Fail<EmulatedIdentity?>(setting, path, "give each user-assigned identity a name", null),
        _ => reader.Fail<EmulatedIdentity?>(setting, path, "remove resourceId from the system-assigned identity", null),
    };
}

/// <summary>One entry of the file; ids that are left out are derived from the name.</summary>
internal sealed record IdentityEntry
{
    public required IdentityKind Kind { get; init; }
    public string? Name { get; init; }
    public Guid? ClientId { get; init; }
    public Guid? ObjectId { get; init; }
    public string? ResourceId { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true)]
[JsonSerializable(typeof(IdentityEntry[]))]
internal sealed partial class IdentitiesJson : JsonSerializerContext;
