using TokenBroker.Configuration;
using TokenBroker.Proxy.Policy;

namespace TokenBroker.Proxy.CallerKey;

/// <summary>
/// Verifies a SAS that was signed with a caller key, and holds the request to everything that it says: what storage does
/// with one that it sees.
/// </summary>
internal static class SasRules
{
    /// <summary>Signed by Entra's user, or limiting in ways that only storage could know.</summary>
    private static readonly string[] Delegated =
        ["skoid", "sktid", "skt", "ske", "sks", "skv", "skdutid", "sduoid", "saoid", "suoid", "scid", "srh", "srq"];

    /// <param name="keys">The keys.</param>
    /// <param name="request">A request with a SAS.</param>
    /// <param name="now">The time.</param>
    /// <param name="onlyCreates">True if what it writes must be new.</param>
    /// <returns>The refusal; null if there is none.</returns>
    public static Refusal? Check(CallerKeys keys, SignedRequest request, DateTimeOffset now, out bool onlyCreates)
    {
        onlyCreates = false;
        if (Delegated.Any(name => request.Parameter(name) is not null))
            return Refusal.CallerKeyDelegation;
        if (request.Parameter("si") is not null)
            return Refusal.CallerKeyStoredPolicy;
        if (request.Parameter("sv") is not { } version || !SasText.IsKnown(version))
            return Refusal.CallerKeySasVersion;
        var resource = SasResource.Of(request);
        var isAccount = request.Parameter("ss") is not null || request.Parameter("srt") is not null;
        if (request.Parameter("sr") is { } kind ? isAccount || !IsKind(kind, version) : !isAccount)
            return Refusal.CallerKeySasKind;
        if (!CallerSignature.TryDecode(request.Parameter("sig")!, out var signature)
            || !keys.Signed(isAccount ? SasText.OfAccount(request) : SasText.OfService(request, resource), signature))
            return Refusal.CallerKeyMismatch;
        return SasLimits.Check(request, now) ?? CheckOperation(request, resource, isAccount, out onlyCreates);
    }

    /// <summary>Before versions knew snapshots, their kind was not signed: a blob's SAS could be made into one.</summary>
    private static bool IsKind(string kind, string version) => kind is "b" or "c" || (kind is "bs" or "bv" && SasText.SignsResource(version));

    /// <summary>The request has every permission that these additions to its operation need.</summary>
    public static Refusal? CheckAdditions(SignedRequest request, IEnumerable<OperationAddition> additions) =>
        additions.All(addition => request.Parameter("sp") is { } given && given.AsSpan().ContainsAny(addition.Sas)) ? null : Refusal.CallerKeySasPermission;

    private static Refusal? CheckOperation(SignedRequest request, SasResource resource, bool isAccount, out bool onlyCreates)
    {
        onlyCreates = false;
        var query = SasParameters.Strip(request.Route.Query, out _);
        var header = HeadersOf(request);
        var asked = RequestedOperation.Of(request.Method, request.Route.Path, query, header);
        if (asked.Row?.Sas is not { } need || asked.Operations.HasFlag(BlobOperations.Unknown))
            return Refusal.CallerKeySasOperation;
        need = asked.Row.SasVariants.LastOrDefault(variant => variant.IsIn(query, header))?.Need ?? need;
        if (!(isAccount ? IsOfAccount(request, need) : IsOfService(request, resource)))
            return Refusal.CallerKeySasResource;
        var given = request.Parameter("sp") ?? "";
        var needed = isAccount ? need.ByAccount : need.ByService;
        var isGiven = needed == SasNeed.Any ? given.Length > 0 : given.AsSpan().ContainsAny(needed);
        if (!isGiven)
            return Refusal.CallerKeySasPermission;
        if (CheckAdditions(request, OperationTable.AdditionsIn(query, header)) is { } refusal)
            return refusal;
        // The scope would come from the SAS, which goes.
        if (request.Parameter("ses") is { Length: > 0 } scope && request.Method == "PUT" && request.Header("x-ms-encryption-scope") != scope)
            return Refusal.CallerKeySasScope;
        onlyCreates = need.CreatesOnly && !given.Contains('w');
        return null;
    }

    private static bool IsOfAccount(SignedRequest request, SasNeed need) =>
        request.Parameter("ss")?.Contains('b') == true
        && (need.Level is not { } level || request.Parameter("srt")?.Contains(level) == true);

    /// <summary>A blob's SAS opens that blob alone, and a snapshot's or version's only that one.</summary>
    private static bool IsOfService(SignedRequest request, SasResource resource)
    {
        var (snapshot, version) = (request.Parameter("snapshot") is not null, request.Parameter("versionid") is not null);
        return request.Parameter("sr") switch
        {
            "c" => resource.Container.Length > 0,
            "b" => resource.Blob.Length > 0 && !snapshot && !version,
            "bs" => resource.Blob.Length > 0 && snapshot && !version,
            _ => resource.Blob.Length > 0 && version && !snapshot,
        };
    }

    private static Func<string, string?> HeadersOf(SignedRequest request) => name => request.Headers.GetValueOrDefault(name);
}
