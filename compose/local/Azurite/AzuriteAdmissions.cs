namespace TokenBroker.Local.Azurite;

/// <summary>How many requests Azurite let in, by each way that it knows.</summary>
public sealed record AzuriteAdmissions(int ByBearer, int BySharedKey, int BySas, int ByPublicAccess)
{
    /// <summary>The requests that were let in without a bearer token: none, if no key is in use.</summary>
    public int WithoutBearer => BySharedKey + BySas + ByPublicAccess;
}
