using System.Net;

namespace TokenBroker.Configuration.Reading;

/// <summary>Reads <c>Accounts:NAME:…</c>.</summary>
internal static class AccountSettings
{
    private const string NameCure = "an account's name has 3 to 24 lower-case letters and digits";

    public static IReadOnlyList<AccountOptions> Read(
        SettingReader reader, IdentitySelector identity, bool allowHttp)
    {
        var accounts = new List<AccountOptions>();
        foreach (var name in reader.Children("Accounts"))
        {
            var key = $"Accounts:{name}";
            // "Accounts": { "photos": {} } and an empty variable both name an account and set nothing.
            if (reader.Take(key) is { Value.Length: > 0 } value)
                reader.Fault(value, $"write an object, as in \"{name}\": {{ \"Endpoint\": \"https://…\" }}");
            accounts.Add(ReadAccount(reader, name, key, identity, allowHttp));
        }

        return accounts;
    }

    /// <summary>
    /// False, and a fault, for a setting of an account whose name is not valid. The fault names each place: the endpoint of
    /// another spelling must not become this account's.
    /// </summary>
    public static bool HasGoodName(Setting setting, List<ConfigurationFault> faults)
    {
        if (setting.Key.Split(':') is not [var root, var name, ..] || !root.Equals("Accounts", StringComparison.OrdinalIgnoreCase)
            || IsAccountName(name))
            return true;
        faults.Add(new(setting.Origin, name, NameCure));
        return false;
    }

    /// <summary>True for the fault of <see cref="HasGoodName"/>: an account was named, but with an invalid name.</summary>
    public static bool IsOfName(ConfigurationFault fault) => fault.Cure == NameCure;

    private static AccountOptions ReadAccount(
        SettingReader reader, string name, string key, IdentitySelector identity, bool allowHttp)
    {
        bool ParseEndpoint(string text, out Uri? value, out string problem) =>
            TryParseEndpoint(text, allowHttp, out value, out problem);

        var usual = new Uri($"https://{name}.blob.core.windows.net");
        var endpoint = reader.Read(key + ":Endpoint", usual, ParseEndpoint!)!;
        return new()
        {
            Name = name,
            Endpoint = endpoint,
            SecondaryEndpoint = reader.Read(key + ":SecondaryEndpoint", Secondary(name, endpoint), ParseEndpoint),
            ConnectTo = reader.Read<DnsEndPoint?>(key + ":ConnectTo", null, (string text, out DnsEndPoint? value, out string problem) =>
                TryParseConnectTo(text, endpoint.Port, out value, out problem)),
            Identity = BrokerConfiguration.ReadIdentity(reader, key + ":Identity", identity),
            Policy = PolicySettings.Read(reader, key),
        };
    }

    internal static bool TryParseEndpoint(string text, bool allowHttp, out Uri? value, out string problem)
    {
        problem = "write an absolute URL, as in https://NAME.blob.core.windows.net";
        if (!Uri.TryCreate(text, UriKind.Absolute, out value) || value.Scheme is not ("https" or "http") || value.Host.Length == 0)
            return false;
        if (value.Scheme == "http" && !allowHttp)
        {
            problem = "write https: over http the token would be sent in clear text (--unsafe-allow-http-upstream allows this)";
            return false;
        }

        // The path becomes the beginning of every target that storage sees, byte for byte.
        problem = "give only scheme, host, port and a plain path, without user, query, fragment or escapes";
        if (value.UserInfo.Length > 0 || value.Query.Length > 0 || value.Fragment.Length > 0
            || text.AsSpan().IndexOfAny("?#%\\@") >= 0 || value.AbsolutePath.Contains("//", StringComparison.Ordinal))
            return false;
        value = new Uri(value.GetLeftPart(UriPartial.Path).TrimEnd('/'));
        return true;
    }

    private static bool TryParseConnectTo(string text, int defaultPort, out DnsEndPoint? value, out string problem)
    {
        value = null;
        problem = "write HOST or HOST:PORT";
        var colon = text.LastIndexOf(':');
        var (host, port) = colon < 0 || text.EndsWith(']') ? (text, defaultPort.ToString()) : (text[..colon], text[(colon + 1)..]);
        if (Uri.CheckHostName(host) == UriHostNameType.Unknown || !ushort.TryParse(port, out var number) || number == 0)
            return false;
        value = new(host.Trim('[', ']'), number);
        return true;
    }

    /// <summary>
    /// Azure's naming of the secondary: the account's label, or an emulator's path segment, followed by <c>-secondary</c>.
    /// Null if the endpoint shows neither.
    /// </summary>
    private static Uri? Secondary(string name, Uri endpoint)
    {
        if (endpoint.Host.StartsWith(name + ".", StringComparison.Ordinal) && endpoint.AbsolutePath == "/")
            return new UriBuilder(endpoint) { Host = $"{name}-secondary{endpoint.Host[name.Length..]}" }.Uri;
        if (endpoint.AbsolutePath.EndsWith("/" + name, StringComparison.Ordinal))
            return new Uri(endpoint.AbsoluteUri + "-secondary");
        return null;
    }

    private static bool IsAccountName(string name) =>
        name.Length is >= 3 and <= 24 && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c));
}
