using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using TokenBroker.Configuration;
using TokenBroker.Proxy.Addressing;
using TokenBroker.Proxy.Policy;
using TokenBroker.Proxy.Rewriting.Batch;

namespace TokenBroker.Proxy.CallerKey;

/// <summary>
/// Between route and rewrite, where a caller key is configured: whoever asks must have signed with it. The client's own way of
/// signing is verified here before it is stripped; whatever cannot be verified is refused.
/// </summary>
internal sealed class CallerSignature(BrokerOptions options, TimeProvider time)
{
    private const string Scheme = "SharedKey ";

    /// <summary>How far a client's clock may be off, either way: storage's own.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(15);

    private readonly CallerKeys? _keys = options.Caller.Keys;

    /// <returns>The refusal; null if there is none.</returns>
    public Refusal? Check(HttpContext context, Route route)
    {
        if (_keys is null)
            return null;
        var headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        if (context.Request.Headers.Authorization.Count > 1)
            return Refusal.CallerKeyBoth;
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var refusal = Check(Of(context, context.Request.Method, target, route, headers), out var onlyCreates);
        if (refusal is null && onlyCreates)
            context.Request.Headers.IfNoneMatch = "*"; // storage then writes nothing over
        return refusal;
    }

    /// <summary>A part of a batch is signed by itself.</summary>
    public Refusal? CheckPart(HttpContext context, BatchPart part, Route route) => _keys is null ? null : Check(
        Of(context, part.Method, part.Target, route, part.Headers.ToDictionary(StringComparer.OrdinalIgnoreCase)), out _);

    /// <summary>
    /// Who holds a SAS may read nothing else by copying it: the source needs one too, which may read that blob, and its tags
    /// if they are copied or a condition names them. Who holds the key may read everything.
    /// </summary>
    public Refusal? CheckSource(HttpContext context, Route route, Route source)
    {
        if (!HasSas(route))
            return null;
        if (QueryValue.Raw(source.Query, "sig") is null)
            return Refusal.CallerKeySource;
        // What is sent is the blob's own address: a SAS for anything else that one can ask of it is none to read it.
        if (QueryValue.Raw(source.Query, "comp") is not null || QueryValue.Raw(source.Query, "restype") is not null)
            return Refusal.CallerKeySasOperation;
        var request = Of(context, HttpMethods.Get, source.Path + source.Query, source, new Dictionary<string, string>());
        return Check(request, out _) ?? SasRules.CheckAdditions(request, OperationTable.AdditionsOfSource(PolicyHeaders.Of(context.Request.Headers)));
    }

    /// <summary>
    /// A source that is none of ours. Storage may know it as the same account's all the same, by a name that we do not know, and
    /// in the background copies it by the request's own token: it must bring a SAS of its own, which is storage's to judge.
    /// </summary>
    /// <param name="route">Where the copy goes.</param>
    /// <param name="mayBeOurs">True if it has the looks of an account that is served.</param>
    /// <param name="waits">True if storage takes no word of the request's own for it.</param>
    /// <param name="isSigned">True if it has a signature.</param>
    public Refusal? CheckElsewhere(Route route, bool mayBeOurs, bool waits, bool isSigned) =>
        HasSas(route) && (mayBeOurs || (!waits && !isSigned)) ? Refusal.CallerKeySource : null;

    private bool HasSas(Route route) => _keys is not null && QueryValue.Raw(route.Query, "sig") is not null;

    /// <summary>The bytes of a signature: base64 of a SHA-256 hash, and nothing else.</summary>
    internal static bool TryDecode(string text, out byte[] signature)
    {
        signature = new byte[HMACSHA256.HashSizeInBytes];
        return text.Length == 44 && Convert.TryFromBase64String(text, signature, out var count) && count == signature.Length;
    }

    private static SignedRequest Of(HttpContext context, string method, string target, Route route, IReadOnlyDictionary<string, string> headers) =>
        new(method, target, route, headers, context.Connection.RemoteIpAddress, context.Request.IsHttps);

    private Refusal? Check(SignedRequest request, out bool onlyCreates)
    {
        onlyCreates = false;
        var (authorization, isSas) = (request.Header(HeaderNames.Authorization), request.Parameter("sig") is not null);
        if (authorization.Length > 0 && isSas)
            return Refusal.CallerKeyBoth;
        if (authorization.Length == 0 && !isSas)
            return Refusal.CallerKeyMissing;
        // They would look like the end of a value, or of a name: one text for two requests.
        if (request.Parameters.Any(pair => pair.Value.Contains('\n') || pair.Key.Contains(':')))
            return Refusal.CallerKeyAmbiguous;
        return isSas ? SasRules.Check(_keys!, request, time.GetUtcNow(), out onlyCreates) : CheckSharedKey(request, authorization);
    }

    private Refusal? CheckSharedKey(SignedRequest request, string authorization)
    {
        if (!authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            return Refusal.CallerKeyScheme;
        if (CouldBeSignedForAnother(request))
            return Refusal.CallerKeyStyle;
        if (authorization[Scheme.Length..].Split(':', 3) is not [var account, var text] || account != request.Route.Account.Name
            || !TryDecode(text, out var signature) || !SharedKeyText.Of(request).Any(signed => _keys!.Signed(signed, signature)))
            return Refusal.CallerKeyMismatch;
        var said = request.Header("x-ms-date") is { Length: > 0 } own ? own : request.Header(HeaderNames.Date);
        return HeaderUtilities.TryParseDate(said, out var date) && (time.GetUtcNow() - date).Duration() <= Window ? null : Refusal.CallerKeyDate;
    }

    /// <summary>
    /// The signed text has the account, then the path as the client sees it. So a path that begins with the account's name is
    /// signed like <c>/ACCOUNT/container/blob</c>, although the name is a container's where Host or the batch names the account.
    /// </summary>
    private static bool CouldBeSignedForAnother(SignedRequest request)
    {
        var path = request.Path.TrimStart('/');
        var first = path.Split('/', 2)[0];
        var (account, route) = (request.Route.Account.Name, request.Route.Path);
        return (first == account || first == account + HostStyle.SecondarySuffix) && path.Length != first.Length + route.Length;
    }
}
