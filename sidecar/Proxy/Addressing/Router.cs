using TokenBroker.Configuration;

namespace TokenBroker.Proxy.Addressing;

/// <summary>
/// Step 2: raw target and Host → account, path and query. Pure, and by cutting strings alone: decoding and encoding again
/// would name another blob (<c>%2F</c> is not <c>/</c>, <c>a//b</c> is not <c>a/b</c>).
/// </summary>
internal sealed class Router(UpstreamAccounts accounts)
{
    /// <returns>The refusal; null if there is a route.</returns>
    public Refusal? Resolve(string target, string host, out Route route)
    {
        route = default;
        if (CheckForm(target) is { } malformed)
            return malformed;
        var (path, query) = Cut(target);

        var refusal = accounts.ByHost(HostStyle.NameOf(host)) is { } found
            ? MakeRoute(found.Account, found.Secondary, path, query, out route)
            : ResolvePath(path, query, out route);
        return refusal ?? PathRules.Check(route.Path) ?? QueryRules.Check(query);
    }

    /// <summary>The same rules for what stands behind an account that is known already.</summary>
    /// <param name="account">The account.</param>
    /// <param name="secondary">True for its secondary, which must have an address.</param>
    /// <param name="rest">Path and query behind the account.</param>
    /// <param name="route">The route.</param>
    public static Refusal? ResolveWithin(UpstreamAccount account, bool secondary, string rest, out Route route)
    {
        route = default;
        if (rest.Length > 0 && rest[0] != '?' && CheckForm(rest) is { } malformed)
            return malformed;
        var (path, query) = Cut(rest);
        return MakeRoute(account, secondary, path, query, out route) ?? PathRules.Check(path) ?? QueryRules.Check(query);
    }

    /// <summary>True if such a Host names an account, and paths begin behind it.</summary>
    public bool IsHostStyle(string host) => accounts.ByHost(HostStyle.NameOf(host)) is not null;

    private static Refusal? CheckForm(string target) =>
        target.Length == 0 || target[0] != '/' ? Refusal.TargetForm
        : target.AsSpan().ContainsAnyExceptInRange('\x21', '\x7e') || target.Contains('#', StringComparison.Ordinal) ? Refusal.TargetCharacter
        : null;

    private static (string Path, string Query) Cut(string target)
    {
        var question = target.IndexOf('?', StringComparison.Ordinal);
        return question < 0 ? (target, "") : (target[..question], target[question..]);
    }

    private Refusal? ResolvePath(string path, string query, out Route route)
    {
        route = default;
        var slash = path.IndexOf('/', 1);
        var end = slash < 0 ? path.Length : slash;
        var name = path.AsSpan(1, end - 1);
        if (name.IsEmpty)
            return Refusal.AccountMissing;
        if (name.Contains('%'))
            return Refusal.NameEncoded;
        var secondary = name.EndsWith(HostStyle.SecondarySuffix, StringComparison.Ordinal);
        if (accounts.ByName(secondary ? name[..^HostStyle.SecondarySuffix.Length] : name) is not { } account)
            return Refusal.AccountUnknown;
        return MakeRoute(account, secondary, path[end..], query, out route);
    }

    private static Refusal? MakeRoute(UpstreamAccount account, bool secondary, string path, string query, out Route route)
    {
        route = new(account, secondary, path, query);
        return secondary && account.SecondaryEndpoint is null ? Refusal.SecondaryUnknown : null;
    }
}
