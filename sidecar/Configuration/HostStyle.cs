namespace TokenBroker.Configuration;

/// <summary>
/// Host names that name an account, like <c>ACCOUNT.blob.core.windows.net</c> at storage itself. Such a Host takes
/// precedence over the path.
/// </summary>
internal static class HostStyle
{
    public const string SecondarySuffix = "-secondary";

    /// <summary>All names of an account: those on this host, and its own name if a hosts entry maps it to the sidecar.</summary>
    public static IEnumerable<string> NamesOf(AccountOptions account) =>
        PrimaryNamesOf(account).Concat(SecondaryNamesOf(account));

    public static IEnumerable<string> PrimaryNamesOf(AccountOptions account) =>
        Names(account, account.Endpoint, "").Distinct(StringComparer.OrdinalIgnoreCase);

    public static IEnumerable<string> SecondaryNamesOf(AccountOptions account) =>
        Names(account, account.SecondaryEndpoint, SecondarySuffix).Distinct(StringComparer.OrdinalIgnoreCase);

    /// <summary>The name in a Host value, without the port; an IPv6 literal keeps its brackets.</summary>
    public static ReadOnlySpan<char> NameOf(ReadOnlySpan<char> host)
    {
        var colon = host.LastIndexOf(':');
        return colon < 0 || colon < host.LastIndexOf(']') ? host : host[..colon];
    }

    private static IEnumerable<string> Names(AccountOptions account, Uri? endpoint, string suffix)
    {
        yield return $"{account.Name}{suffix}.localhost";
        yield return $"{account.Name}{suffix}.blob.localhost";
        // If the endpoint has a path, or an IP address as its host, the host does not name the account.
        if (endpoint is { HostNameType: UriHostNameType.Dns, AbsolutePath: "/" }
            && endpoint.Host.StartsWith($"{account.Name}{suffix}.", StringComparison.OrdinalIgnoreCase))
            yield return endpoint.Host;
    }
}
