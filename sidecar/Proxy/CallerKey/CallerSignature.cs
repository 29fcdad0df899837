using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;
using TokenBroker.Configuration;
using TokenBroker.Proxy.Addressing;
using TokenBroker.Proxy.Policy;
using TokenBroker.Upstream;

namespace TokenBroker.Proxy.CallerKey;

/// <summary>
/// Step 3, where a caller key is configured: the caller must have signed the request with it. The client's own signature is
/// verified here before it is stripped. What cannot be verified is refused.
/// </summary>
internal sealed class CallerSignature(BrokerOptions options, TimeProvider time)
{
    private const string Scheme = "SharedKey ";

    private readonly CallerKeys? _keys = options.Caller.Keys;

    /// <param name="request">The request. If the SAS allows only to create, the request with that condition comes back.</param>
    /// <param name="caller">How the caller is connected.</param>
    /// <returns>The refusal; null if there is none.</returns>
    public Refusal? Check(ref BlobRequest request, CallerConnection caller)
    {
        if (_keys is null)
            return null;
        var refusal = Check(_keys, request, caller, out var onlyCreates);
        if (refusal is null && onlyCreates)
            request = request.OnlyCreating(); // storage then overwrites nothing
        return refusal;
    }

    /// <summary>Each part of a batch is signed by itself.</summary>
    public Refusal? CheckPart(BlobRequest part, CallerConnection caller) => _keys is null ? null : Check(_keys, part, caller, out _);

    /// <summary>
    /// Callers with a SAS may read nothing else by copying it: the source needs a SAS too, which allows to read that blob, and its
    /// tags if they are copied or a condition names them. Callers with the key may read everything.
    /// </summary>
    /// <param name="copy">The copy.</param>
    /// <param name="source">Its source; null if the request is not a copy.</param>
    /// <param name="caller">How the caller is connected.</param>
    public Refusal? CheckSource(BlobRequest copy, CopySource? source, CallerConnection caller)
    {
        if (_keys is null || source is null || !copy.Query.HasSignature)
            return null;
        if (source.Blob is not { } blob)
            return CheckElsewhere(copy, source);
        if (!source.IsSigned)
            return Refusal.CallerKeySource;
        // The blob's own address is sent: a SAS for anything else does not allow to read the blob.
        if (blob.Comp is not null || blob.RestType is not null)
            return Refusal.CallerKeySasOperation;
        return Check(_keys, blob, caller, out _)
            ?? SasRules.CheckAdditions(blob, OperationTable.Additions.Where(addition => addition.ConcernsSource && addition.IsIn(copy)));
    }

    /// <summary>
    /// Storage may know a source elsewhere as the same account's, by a name that the sidecar does not know, and a copy in the
    /// background reads it by the request's own token. So the source must have a SAS of its own, which storage checks.
    /// </summary>
    private static Refusal? CheckElsewhere(BlobRequest copy, CopySource source) =>
        source.LookAlikes.Count > 0 || (!copy.AwaitsSource && !source.IsSigned) ? Refusal.CallerKeySource : null;

    /// <summary>The bytes of a signature: base64 of a SHA-256 hash, and nothing else.</summary>
    internal static bool TryDecode(string text, out byte[] signature)
    {
        signature = new byte[HMACSHA256.HashSizeInBytes];
        return text.Length == 44 && Convert.TryFromBase64String(text, signature, out var count) && count == signature.Length;
    }

    private Refusal? Check(CallerKeys keys, BlobRequest request, CallerConnection caller, out bool onlyCreates)
    {
        onlyCreates = false;
        if (request.Headers.Authorization.Count > 1)
            return Refusal.CallerKeyBoth;
        var (authorization, isSas) = (request.Headers.Authorization.ToString(), request.Query.HasSignature);
        if (authorization.Length > 0 && isSas)
            return Refusal.CallerKeyBoth;
        if (authorization.Length == 0 && !isSas)
            return Refusal.CallerKeyMissing;
        // They would look like the end of a value or of a name: two requests would have one text.
        if (request.Query.Signed.Any(pair => pair.Value.Contains('\n') || pair.Key.Contains(':')))
            return Refusal.CallerKeyAmbiguous;
        return isSas ? SasRules.Check(keys, request, caller, time.GetUtcNow(), out onlyCreates) : CheckSharedKey(keys, request, authorization);
    }

    private Refusal? CheckSharedKey(CallerKeys keys, BlobRequest request, string authorization)
    {
        if (!authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            return Refusal.CallerKeyScheme;
        if (CouldBeSignedForAnother(request))
            return Refusal.CallerKeyStyle;
        if (authorization[Scheme.Length..].Split(':', 3) is not [var account, var text] || account != request.Account.Name
            || !TryDecode(text, out var signature) || !SharedKeyText.Of(request).Any(signed => keys.Signed(signed, signature)))
            return Refusal.CallerKeyMismatch;
        var said = request.Header("x-ms-date") is { Length: > 0 } own ? own : request.Headers.Date.ToString();
        return HeaderUtilities.TryParseDate(said, out var date) && (time.GetUtcNow() - date).Duration() <= ClockSkew.Tolerance ? null : Refusal.CallerKeyDate;
    }

    /// <summary>
    /// The signed text is the account followed by the path as the client sees it. If Host or the batch names the account, a
    /// container can have the account's name: its path has the same signed text as <c>/ACCOUNT/container/blob</c>.
    /// </summary>
    private static bool CouldBeSignedForAnother(BlobRequest request)
    {
        var path = request.SignedPath.TrimStart('/');
        var first = path.Split('/', 2)[0];
        var account = request.Account.Name;
        return (first == account || first == account + HostStyle.SecondarySuffix) && path.Length != first.Length + request.Path.Raw.Length;
    }
}
