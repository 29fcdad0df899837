using TokenBroker.Imds.Endpoint;

namespace TokenBroker.Imds.Identities;

/// <summary>Which identity a request means. The rules are those of the "use managed identities on a VM" page.</summary>
internal sealed class IdentityDirectory(IReadOnlyList<EmulatedIdentity> identities)
{
    internal IReadOnlyList<EmulatedIdentity> All => identities;

    /// <summary>
    /// Without a selector the system-assigned identity is meant, or the only user-assigned one. With two user-assigned
    /// identities and no system-assigned one, the request must choose.
    /// </summary>
    internal EmulatedIdentity? Choose(IdentitySelector? selector, out Refusal? refusal)
    {
        refusal = null;
        var found = selector is { } chosen ? identities.FirstOrDefault(chosen.Selects) : Default(out refusal);
        if (found is null)
            refusal ??= Refusal.IdentityNotFound;
        return found;
    }

    private EmulatedIdentity? Default(out Refusal? refusal)
    {
        refusal = null;
        if (identities.FirstOrDefault(i => i.Kind == IdentityKind.System) is { } system)
            return system;
        if (identities.Count > 1)
            refusal = Refusal.SeveralIdentities;
        return identities.Count == 1 ? identities[0] : null;
    }
}
