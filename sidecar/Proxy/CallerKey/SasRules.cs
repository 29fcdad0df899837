using TokenBroker.Configuration;
using TokenBroker.Proxy.Addressing;
using TokenBroker.Proxy.Policy;

namespace TokenBroker.Proxy.CallerKey;

/// <summary>
/// Verifies a SAS that was signed with a caller key, and enforces everything that it says, as storage does with a SAS that it
/// sees.
/// </summary>
internal static class SasRules
{
    /// <summary>Parameters of a SAS that an Entra user signed, and limits that only storage could check.</summary>
    private static readonly string[] Delegated =
        ["skoid", "sktid", "skt", "ske", "sks", "skv", "skdutid", "sduoid", "saoid", "suoid", "scid", "srh", "srq"];

    /// <param name="keys">The keys.</param>
    /// <param name="request">A request with a SAS.</param>
    /// <param name="caller">How the caller is connected.</param>
    /// <param name="now">The time.</param>
    /// <param name="onlyCreates">True if what it writes must be new.</param>
    /// <returns>The refusal; null if there is none.</returns>
    public static Refusal? Check(CallerKeys keys, BlobRequest request, CallerConnection caller, DateTimeOffset now, out bool onlyCreates)
    {
        onlyCreates = false;
        var query = request.Query;
        if (Delegated.Any(name => query.SignedValue(name) is not null))
            return Refusal.CallerKeyDelegation;
        if (query.SignedValue("si") is not null)
            return Refusal.CallerKeyStoredPolicy;
        if (query.SignedValue("sv") is not { } version || !SasText.IsKnown(version))
            return Refusal.CallerKeySasVersion;
        var isAccount = query.SignedValue("ss") is not null || query.SignedValue("srt") is not null;
        if (query.SignedValue("sr") is { } kind ? isAccount || !IsKind(kind, version) : !isAccount)
            return Refusal.CallerKeySasKind;
        if (!CallerSignature.TryDecode(query.SignedValue("sig")!, out var signature)
            || !keys.Signed(isAccount ? SasText.OfAccount(request) : SasText.OfService(request), signature))
            return Refusal.CallerKeyMismatch;
        return SasLimits.Check(request, caller, now) ?? CheckOperation(request, isAccount, out onlyCreates);
    }

    /// <summary>Older versions do not sign the kind of resource: a SAS for a blob could be changed into one for a snapshot.</summary>
    private static bool IsKind(string kind, string version) => kind is "b" or "c" || (kind is "bs" or "bv" && SasText.SignsResource(version));

    /// <summary>The request has every permission that these additions to its operation need.</summary>
    /// <param name="sas">The request with the SAS.</param>
    /// <param name="additions">What the SAS must allow.</param>
    public static Refusal? CheckAdditions(BlobRequest sas, IEnumerable<OperationAddition> additions) =>
        additions.All(addition => sas.Query.SignedValue("sp") is { } given && given.AsSpan().ContainsAny(addition.Sas)) ? null : Refusal.CallerKeySasPermission;

    private static Refusal? CheckOperation(BlobRequest request, bool isAccount, out bool onlyCreates)
    {
        onlyCreates = false;
        var query = request.Query;
        var asked = request.Operation;
        if (asked.Row?.Sas is not { } need || asked.Operations.HasFlag(BlobOperations.Unknown))
            return Refusal.CallerKeySasOperation;
        need = asked.Row.SasVariants.LastOrDefault(variant => variant.IsIn(request))?.Need ?? need;
        if (!(isAccount ? IsOfAccount(query, need) : IsOfService(request)))
            return Refusal.CallerKeySasResource;
        var given = query.SignedValue("sp") ?? "";
        var needed = isAccount ? need.ByAccount : need.ByService;
        var isGiven = needed == SasNeed.Any ? given.Length > 0 : given.AsSpan().ContainsAny(needed);
        if (!isGiven)
            return Refusal.CallerKeySasPermission;
        if (CheckAdditions(request, OperationTable.Additions.Where(addition => addition.IsIn(request))) is { } refusal)
            return refusal;
        // Storage would take the scope from the SAS, which is removed.
        if (query.SignedValue("ses") is { Length: > 0 } scope && request.Method == "PUT" && (request.Header("x-ms-encryption-scope") ?? "") != scope)
            return Refusal.CallerKeySasScope;
        onlyCreates = need.CreatesOnly && !given.Contains('w');
        return null;
    }

    private static bool IsOfAccount(BlobQuery query, SasNeed need) =>
        query.SignedValue("ss")?.Contains('b') == true
        && (need.Level is not { } level || query.SignedValue("srt")?.Contains(level) == true);

    /// <summary>A blob's SAS opens only that blob, and a snapshot's or version's SAS only that snapshot or version.</summary>
    private static bool IsOfService(BlobRequest request)
    {
        var (snapshot, version) = (request.Query.Has("snapshot"), request.Query.Has("versionid"));
        var isBlob = request.RawBlob.Length > 0;
        return request.Query.SignedValue("sr") switch
        {
            "c" => request.Container is not null,
            "b" => isBlob && !snapshot && !version,
            "bs" => isBlob && snapshot && !version,
            _ => isBlob && version && !snapshot,
        };
    }
}
