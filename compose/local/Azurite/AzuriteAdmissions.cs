namespace TokenBroker.Local.Azurite;

/// <summary>How many requests Azurite accepted, by each kind of credential.</summary>
public sealed record AzuriteAdmissions(int ByBearer, int BySharedKey, int BySas, int ByPublicAccess)
{
    /// <summary>The requests that were accepted without a bearer token: zero, if no key is used.</summary>
    public int WithoutBearer => BySharedKey + BySas + ByPublicAccess;
}
