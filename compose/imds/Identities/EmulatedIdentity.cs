using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace TokenBroker.Imds.Identities;

/// <summary>How an identity belongs to the virtual machine.</summary>
[JsonConverter(typeof(KebabCaseEnum<IdentityKind>))]
public enum IdentityKind
{
    /// <summary>Exists as long as the machine; at most one; used when a request names none.</summary>
    System,

    /// <summary>Exists independently and is assigned to the machine; any number.</summary>
    User,
}

/// <summary>
/// One managed identity that is assigned to the emulated machine. Ids that are not given are derived from the name
/// and the kind, so that the same name has the same ids in every run and a script can write them down.
/// </summary>
public sealed record EmulatedIdentity
{
    private EmulatedIdentity(IdentityKind kind, string name, Guid? clientId, Guid? objectId, string? resourceId)
    {
        Kind = kind;
        Name = name;
        ClientId = clientId ?? Derive(kind, name, "client");
        ObjectId = objectId ?? Derive(kind, name, "object");
        ResourceId = resourceId ?? (kind == IdentityKind.System
            ? $"{Group}/Microsoft.Compute/virtualMachines/{name}"
            : $"{Group}/Microsoft.ManagedIdentity/userAssignedIdentities/{name}");
    }

    private const string Group = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/emulated/providers";

    /// <summary>System- or user-assigned.</summary>
    public IdentityKind Kind { get; }

    /// <summary>Unique among the identities of one emulator; used by faults and in the record.</summary>
    public string Name { get; }

    /// <summary>The application id: selector <c>client_id</c>, claim <c>appid</c>.</summary>
    public Guid ClientId { get; }

    /// <summary>The principal's id: selector <c>object_id</c>, claims <c>oid</c> and <c>sub</c>.</summary>
    public Guid ObjectId { get; }

    /// <summary>The Azure resource id: selector <c>msi_res_id</c>, claim <c>xms_mirid</c>.</summary>
    public string ResourceId { get; }

    /// <summary>The machine's own identity.</summary>
    public static EmulatedIdentity System(string name = "system", Guid? clientId = null, Guid? objectId = null) =>
        new(IdentityKind.System, name, clientId, objectId, null);

    /// <summary>An identity that is assigned to the machine in addition to its own.</summary>
    public static EmulatedIdentity User(string name, Guid? clientId = null, Guid? objectId = null, string? resourceId = null) =>
        new(IdentityKind.User, name, clientId, objectId, resourceId);

    /// <summary>Whether a name or any of the three ids is meant; ids compare without case, as the real endpoint does.</summary>
    public bool Answers(string nameOrId) =>
        string.Equals(Name, nameOrId, StringComparison.OrdinalIgnoreCase)
        || Is(ClientId, nameOrId) || Is(ObjectId, nameOrId)
        || string.Equals(ResourceId, nameOrId, StringComparison.OrdinalIgnoreCase);

    internal static bool Is(Guid id, string text) => Guid.TryParse(text, out var parsed) && parsed == id;

    private static Guid Derive(IdentityKind kind, string name, string purpose) =>
        new(SHA256.HashData(Encoding.UTF8.GetBytes($"{kind}/{name}/{purpose}")).AsSpan(0, 16));
}
