namespace TokenBroker.Proxy;

/// <summary>The rows about a caller key: a request that is not signed with it, or that the signature does not allow.</summary>
internal sealed partial record Refusal
{
    private const string Unauthenticated = "AuthenticationFailed";

    public static readonly Refusal CallerKeyMissing = new("caller-key-missing", 403, Unauthenticated,
        "The sidecar has a caller key, but the request is not signed. Give the client the connection string that `tokenbroker key` printed, or a SAS made with that key.");

    public static readonly Refusal CallerKeyScheme = new("caller-key-scheme", 403, Unauthenticated,
        "The sidecar has a caller key and accepts only SharedKey signatures and SAS, not SharedKeyLite or bearer tokens. Give the client the key.");

    public static readonly Refusal CallerKeyBoth = new("caller-key-both", 403, Unauthenticated,
        "The request has two credentials, for example a SAS and an Authorization header. Send only one.");

    public static readonly Refusal CallerKeyMismatch = new("caller-key-mismatch", 403, Unauthenticated,
        "The signature was not made for this request with the sidecar's caller key. Compare the client's AccountName and AccountKey, or its SAS, with the sidecar's --caller-key file.");

    public static readonly Refusal CallerKeyDate = new("caller-key-date", 403, Unauthenticated,
        "The request's date is missing, or it differs from this host's clock by more than 15 minutes. Correct the clock of the client or of this host.");

    public static readonly Refusal CallerKeyAmbiguous = new("caller-key-ambiguous", 403, Unauthenticated,
        "A query parameter has a colon in its name or a line break in its value, so the signature could also be valid for another request. Remove that parameter.");

    public static readonly Refusal CallerKeyStyle = new("caller-key-style", 403, Unauthenticated,
        "The path begins with a container that is named like the account, so the signature could also be valid for another blob. Use /ACCOUNT/container/blob at the sidecar's own address, or use a SAS.");

    public static readonly Refusal CallerKeyDelegation = new("caller-key-delegation", 403, Unauthenticated,
        "The SAS is a user delegation SAS (skoid and others), which the sidecar cannot verify. Make a SAS with the caller key.");

    public static readonly Refusal CallerKeyStoredPolicy = new("caller-key-stored-policy", 403, Unauthenticated,
        "The SAS names a stored access policy (si), which only storage knows. Put the expiry and the permissions into the SAS itself.");

    public static readonly Refusal CallerKeySasVersion = new("caller-key-sas-version", 403, Unauthenticated,
        "The SAS does not have a supported version (sv), which is 2015-04-05 or later. Make it with a newer library.");

    public static readonly Refusal CallerKeySasKind = new("caller-key-sas-kind", 403, Unauthenticated,
        "The SAS is not for an account (ss, srt), and not for a container, blob, snapshot or version (sr=c, b, bs, bv). Make one of these.");

    public static readonly Refusal CallerKeySasTime = new("caller-key-sas-time", 403, Unauthenticated,
        "The SAS has expired (se), is not valid yet (st), or has a time that cannot be read. Make a new SAS, and check this host's clock.");

    public static readonly Refusal CallerKeySasProtocol = new("caller-key-sas-protocol", 403, "AuthorizationProtocolMismatch",
        "The SAS is only for https (spr=https), but the client uses http. Make a SAS without spr, or give the sidecar an https listener.");

    public static readonly Refusal CallerKeySasAddress = new("caller-key-sas-address", 403, "AuthorizationSourceIPMismatch",
        "The SAS is not for the client's address (sip). Make a SAS without sip, or for the address that the sidecar sees, such as 127.0.0.1.");

    public static readonly Refusal CallerKeySasOperation = new("caller-key-sas-operation", 403, "AuthorizationPermissionMismatch",
        "The sidecar does not know which SAS permission this operation needs (method, restype, comp), so no SAS allows it. Sign the request with the key.");

    public static readonly Refusal CallerKeySasResource = new("caller-key-sas-resource", 403, "AuthorizationResourceTypeMismatch",
        "The SAS is not for this kind of resource (ss, srt or sr). Make a SAS for it.");

    public static readonly Refusal CallerKeySasPermission = new("caller-key-sas-permission", 403, "AuthorizationPermissionMismatch",
        "The SAS does not have the permission (sp) that this operation needs. Make a SAS that has it.");

    public static readonly Refusal CallerKeySasScope = new("caller-key-sas-scope", 403, "AuthorizationPermissionMismatch",
        "The SAS demands an encryption scope (ses), but storage does not see the SAS. Send the same scope as x-ms-encryption-scope.");

    public static readonly Refusal CallerKeySource = new("caller-key-source", 403, "CannotVerifyCopySource",
        "The request has a SAS, but the source of its copy has no SAS, or does not use its account's usual address. Use the usual address, and add a SAS that may read the source.");

    private static Refusal[] OfCaller =>
    [
        CallerKeyMissing, CallerKeyScheme, CallerKeyBoth, CallerKeyMismatch, CallerKeyDate, CallerKeyAmbiguous, CallerKeyStyle, CallerKeyDelegation, CallerKeyStoredPolicy,
        CallerKeySasVersion, CallerKeySasKind, CallerKeySasTime, CallerKeySasProtocol, CallerKeySasAddress, CallerKeySasOperation, CallerKeySasResource,
        CallerKeySasPermission, CallerKeySasScope, CallerKeySource,
    ];
}
