using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http.Features;
using TokenBroker.Configuration;

namespace TokenBroker.Proxy.Addressing;

/// <summary>
/// Step 2: method, raw target, Host and headers → <see cref="BlobRequest"/>. Pure, and only by cutting strings: to decode and
/// encode again would name another blob (<c>%2F</c> is not <c>/</c>, <c>a//b</c> is not <c>a/b</c>).
/// </summary>
internal sealed class Router(UpstreamAccounts accounts)
{
    /// <param name="context">A request that came in.</param>
    /// <param name="request">The reading. Also given with a refusal if the account is known, for logs.</param>
    /// <param name="refusal">Why the request cannot be read.</param>
    public bool TryRead(HttpContext context, [NotNullWhen(true)] out BlobRequest? request, [NotNullWhen(false)] out Refusal? refusal)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        return TryRead(context.Request.Method, target, context.Request.Headers.Host.ToString(), context.Request.Headers, out request, out refusal);
    }

    /// <param name="method">The method.</param>
    /// <param name="target">The raw request target.</param>
    /// <param name="host">The Host header.</param>
    /// <param name="headers">The headers.</param>
    /// <param name="request">The reading. Also given with a refusal if the account is known, for logs.</param>
    /// <param name="refusal">Why the request cannot be read.</param>
    public bool TryRead(
        string method, string target, string host, IHeaderDictionary headers, [NotNullWhen(true)] out BlobRequest? request, [NotNullWhen(false)] out Refusal? refusal)
    {
        request = null;
        refusal = CheckForm(target);
        if (refusal is not null)
            return false;
        var (path, query) = BlobQuery.OfTarget(target);
        var (account, secondary, rest) = (default(UpstreamAccount), false, path);
        if (accounts.ByHost(HostStyle.NameOf(host)) is { } found)
            (account, secondary) = found;
        else
            refusal = CutAccount(path, out account, out secondary, out rest);
        if (account is null)
        {
            refusal ??= Refusal.AccountUnknown;
            return false;
        }

        request = new(account, secondary, method, path, new(rest), query, headers);
        refusal = Check(request);
        return refusal is null;
    }

    /// <summary>The same for a target behind an account that is known already.</summary>
    /// <param name="account">The account.</param>
    /// <param name="secondary">True for its secondary, which must have an address.</param>
    /// <param name="method">The method.</param>
    /// <param name="rest">Path and query behind the account.</param>
    /// <param name="headers">The headers.</param>
    /// <param name="request">The reading.</param>
    /// <param name="refusal">Why the request cannot be read.</param>
    public static bool TryReadWithin(
        UpstreamAccount account, bool secondary, string method, string rest, IHeaderDictionary headers,
        [NotNullWhen(true)] out BlobRequest? request, [NotNullWhen(false)] out Refusal? refusal)
    {
        request = null;
        refusal = rest.Length == 0 ? null : rest[0] == '?' ? CheckCharacters(rest) : CheckForm(rest);
        if (refusal is not null)
            return false;
        var (path, query) = BlobQuery.OfTarget(rest);
        request = new(account, secondary, method, path, new(path), query, headers);
        refusal = Check(request);
        return refusal is null;
    }

    /// <summary>True if this Host names an account, so that paths begin behind the account.</summary>
    public bool IsHostStyle(string host) => accounts.ByHost(HostStyle.NameOf(host)) is not null;

    private static Refusal? Check(BlobRequest request) =>
        request.Secondary && request.Account.SecondaryEndpoint is null
            ? Refusal.SecondaryUnknown
            : PathRules.Check(request.Path) ?? QueryRules.Check(request.Query);

    private static Refusal? CheckForm(string target) =>
        target.Length == 0 || target[0] != '/' ? Refusal.TargetForm : CheckCharacters(target);

    private static Refusal? CheckCharacters(string target) =>
        target.AsSpan().ContainsAnyExceptInRange('\x21', '\x7e') || target.Contains('#', StringComparison.Ordinal) ? Refusal.TargetCharacter : null;

    private Refusal? CutAccount(string path, out UpstreamAccount? account, out bool secondary, out string rest)
    {
        (account, secondary) = (null, false);
        var slash = path.IndexOf('/', 1);
        var end = slash < 0 ? path.Length : slash;
        rest = path[end..];
        var name = path.AsSpan(1, end - 1);
        if (name.IsEmpty)
            return Refusal.AccountMissing;
        if (name.Contains('%'))
            return Refusal.NameEncoded;
        secondary = name.EndsWith(HostStyle.SecondarySuffix, StringComparison.Ordinal);
        account = accounts.ByName(secondary ? name[..^HostStyle.SecondarySuffix.Length] : name);
        return null;
    }
}
