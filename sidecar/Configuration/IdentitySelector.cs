using System.Diagnostics.CodeAnalysis;

namespace TokenBroker.Configuration;

internal enum IdentityKind
{
    /// <summary>The identity that the platform made for this host.</summary>
    System,
    ClientId,
    ObjectId,
    ResourceId,

    /// <summary>
    /// The account that is signed in to the Azure CLI: for a developer's machine, and only if it is set explicitly.
    /// </summary>
    AzureCli,
}

/// <summary>Which of the host's identities to use. Its text form is that of <c>--identity</c>.</summary>
internal sealed record IdentitySelector(IdentityKind Kind, string? Value = null)
{
    public const string Forms = "system, client-id:GUID, object-id:GUID, resource-id:/subscriptions/… or azure-cli";

    public static IdentitySelector System { get; } = new(IdentityKind.System);

    public static bool TryParse(string text, [NotNullWhen(true)] out IdentitySelector? selector)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var (name, value) = colon < 0 ? (text, null) : (text[..colon], text[(colon + 1)..]);
        selector = (name, value) switch
        {
            ("system", null) => System,
            ("azure-cli", null) => new(IdentityKind.AzureCli),
            ("client-id", not null) when Guid.TryParseExact(value, "D", out _) => new(IdentityKind.ClientId, value),
            ("object-id", not null) when Guid.TryParseExact(value, "D", out _) => new(IdentityKind.ObjectId, value),
            ("resource-id", not null) when IsResourceId(value) => new(IdentityKind.ResourceId, value),
            _ => null,
        };
        return selector is not null;
    }

    public override string ToString() => Kind switch
    {
        IdentityKind.System => "system",
        IdentityKind.AzureCli => "azure-cli",
        IdentityKind.ClientId => $"client-id:{Value}",
        IdentityKind.ObjectId => $"object-id:{Value}",
        _ => $"resource-id:{Value}",
    };

    private static bool IsResourceId(string value) =>
        value.StartsWith("/subscriptions/", StringComparison.OrdinalIgnoreCase)
        && value.Contains("/userAssignedIdentities/", StringComparison.OrdinalIgnoreCase)
        && value.All(c => c is > ' ' and < '\x7f' and not ('&' or '#' or '?'));
}
