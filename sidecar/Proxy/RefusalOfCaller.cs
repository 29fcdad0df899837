namespace TokenBroker.Proxy;

/// <summary>The rows about a caller key: a request that it did not sign, or that goes beyond what was signed.</summary>
internal sealed partial record Refusal
{
    private const string Unauthenticated = "AuthenticationFailed";

    public static readonly Refusal CallerKeyMissing = new("caller-key-missing", 403, Unauthenticated,
        "The sidecar has a caller key, and the request is not signed. Give the client the connection string that `tokenbroker key` printed, or a SAS made with that key.");

    public static readonly Refusal CallerKeyScheme = new("caller-key-scheme", 403, Unauthenticated,
        "The sidecar has a caller key, and verifies SharedKey signatures and SAS alone: no SharedKeyLite, no bearer tokens. Give the client the key.");

    public static readonly Refusal CallerKeyBoth = new("caller-key-both", 403, Unauthenticated,
        "The request has two credentials, such as a SAS beside an Authorization header. Send one.");

    public static readonly Refusal CallerKeyMismatch = new("caller-key-mismatch", 403, Unauthenticated,
        "The signature is not made with the sidecar's caller key for this request. Compare the client's AccountName and AccountKey, or its SAS, with the sidecar's --caller-key file.");

    public static readonly Refusal CallerKeyDate = new("caller-key-date", 403, Unauthenticated,
        "The request's date is missing or more than 15 minutes off. Set the clock of the client or of this host.");

    public static readonly Refusal CallerKeyAmbiguous = new("caller-key-ambiguous", 403, Unauthenticated,
        "A query parameter's name has a colon, or its value a line break, so that its signature could be another request's. Leave it out.");

    public static readonly Refusal CallerKeyStyle = new("caller-key-style", 403, Unauthenticated,
        "The path begins with a container that is named like the account, so that the signature could be another blob's. Address it as /ACCOUNT/container/blob at the sidecar's own address, or use a SAS.");

    public static readonly Refusal CallerKeyDelegation = new("caller-key-delegation", 403, Unauthenticated,
        "The SAS is a user delegation's (skoid and others), which the sidecar cannot verify. Make one with the caller key.");

    public static readonly Refusal CallerKeyStoredPolicy = new("caller-key-stored-policy", 403, Unauthenticated,
        "The SAS names a stored access policy (si), which only storage knows. Write expiry and permissions into the SAS itself.");

    public static readonly Refusal CallerKeySasVersion = new("caller-key-sas-version", 403, Unauthenticated,
        "The SAS has no version (sv) that the sidecar knows: 2015-04-05 or later. Make it with a newer library.");

    public static readonly Refusal CallerKeySasKind = new("caller-key-sas-kind", 403, Unauthenticated,
        "The SAS is neither an account's (ss, srt) nor that of a container, blob, snapshot or version (sr=c, b, bs, bv). Make one of those.");

    public static readonly Refusal CallerKeySasTime = new("caller-key-sas-time", 403, Unauthenticated,
        "The SAS has expired (se), is not valid yet (st), or names a time that cannot be read. Make a new one, and check this host's clock.");

    public static readonly Refusal CallerKeySasProtocol = new("caller-key-sas-protocol", 403, "AuthorizationProtocolMismatch",
        "The SAS is for https alone (spr=https), and the client speaks http to the sidecar. Make one without spr, or give the sidecar an https listener.");

    public static readonly Refusal CallerKeySasAddress = new("caller-key-sas-address", 403, "AuthorizationSourceIPMismatch",
        "The SAS is for other addresses (sip) than the client's. At the sidecar, a client's address is 127.0.0.1.");

    public static readonly Refusal CallerKeySasOperation = new("caller-key-sas-operation", 403, "AuthorizationPermissionMismatch",
        "The sidecar does not know what permission this operation needs (method, restype, comp), so that no SAS allows it. Sign the request with the key.");

    public static readonly Refusal CallerKeySasResource = new("caller-key-sas-resource", 403, "AuthorizationResourceTypeMismatch",
        "The SAS is not for this kind of resource (ss, srt or sr). Make one for it.");

    public static readonly Refusal CallerKeySasPermission = new("caller-key-sas-permission", 403, "AuthorizationPermissionMismatch",
        "The SAS lacks the permission (sp) that this operation needs. Make one that has it.");

    public static readonly Refusal CallerKeySasScope = new("caller-key-sas-scope", 403, "AuthorizationPermissionMismatch",
        "The SAS demands an encryption scope (ses) that storage would not learn of. Send the same one as x-ms-encryption-scope.");

    public static readonly Refusal CallerKeySource = new("caller-key-source", 403, "CannotVerifyCopySource",
        "The request has a SAS, and the blob that it copies has none, or is named by another address than its account's usual one. Add a SAS that may read it to the source's usual address.");

    private static Refusal[] OfCaller =>
    [
        CallerKeyMissing, CallerKeyScheme, CallerKeyBoth, CallerKeyMismatch, CallerKeyDate, CallerKeyAmbiguous, CallerKeyStyle, CallerKeyDelegation, CallerKeyStoredPolicy,
        CallerKeySasVersion, CallerKeySasKind, CallerKeySasTime, CallerKeySasProtocol, CallerKeySasAddress, CallerKeySasOperation, CallerKeySasResource,
        CallerKeySasPermission, CallerKeySasScope, CallerKeySource,
    ];
}
