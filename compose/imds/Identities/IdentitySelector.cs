namespace TokenBroker.Imds.Identities;

/// <summary>The query parameter by which a request chose an identity.</summary>
/// <param name="Parameter">As it was spelled: <c>client_id</c>, <c>object_id</c>, <c>msi_res_id</c> or <c>msi-res-id</c>.</param>
/// <param name="Value">Percent-decoded.</param>
public readonly record struct IdentitySelector(string Parameter, string Value)
{
    /// <summary>
    /// The names the endpoint knows. <c>msi-res-id</c> is what the probe of DefaultAzureCredential sends;
    /// <c>principal_id</c> and <c>mi_res_id</c> are App Service's names and mean nothing here.
    /// </summary>
    internal static readonly string[] Names = ["client_id", "object_id", "msi_res_id", "msi-res-id"];

    internal bool Selects(EmulatedIdentity identity) => Parameter switch
    {
        "client_id" => EmulatedIdentity.Is(identity.ClientId, Value),
        "object_id" => EmulatedIdentity.Is(identity.ObjectId, Value),
        _ => string.Equals(identity.ResourceId, Value, StringComparison.OrdinalIgnoreCase),
    };
}
