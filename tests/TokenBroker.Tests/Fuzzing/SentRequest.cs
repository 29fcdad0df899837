using TokenBroker.Configuration;

namespace TokenBroker.Tests.Fuzzing;

/// <summary>A request as it would go to storage, and what must be true of it.</summary>
internal sealed class SentRequest(Uri address, string method, IReadOnlyDictionary<string, string> headers)
{
    /// <summary>The parameters of a shared access signature, by the service's documents.</summary>
    private static readonly HashSet<string> OfSas = new(StringComparer.OrdinalIgnoreCase)
    {
        "sv", "ss", "srt", "spr", "st", "se", "sip", "si", "sr", "sp", "sig", "skoid", "sktid", "skt", "ske", "sks", "skv", "skdutid",
        "rscc", "rscd", "rsce", "rscl", "rsct", "saoid", "suoid", "scid", "sdd", "ses", "sduoid", "srh", "srq",
    };

    private static readonly string[] MustNot = ["cookie", "host", "proxy-authorization", "proxy-connection", "connection", "transfer-encoding"];

    public static SentRequest Of(HttpRequestMessage message, string method)
    {
        var headers = message.Headers.NonValidated.Concat(message.Content!.Headers.NonValidated)
            .ToDictionary(header => header.Key.ToLowerInvariant(), header => string.Join(",", header.Value));
        return new(message.RequestUri!, method, headers);
    }

    /// <param name="policy">The policy of <c>acct</c> and <c>emul</c>.</param>
    /// <param name="target">What the client asked for.</param>
    /// <param name="host">Its Host.</param>
    /// <param name="isBatch">True if the body was taken for a batch.</param>
    public void Check(PolicyOptions? policy, string target, string host, bool isBatch)
    {
        var (account, secondary, rest) = Meant(target, host);
        CheckAddress(account, secondary, rest);
        foreach (var name in MustNot)
            FuzzViolation.If(headers.ContainsKey(name), $"{name} is sent on.");
        FuzzViolation.If(headers["authorization"] != FuzzedBroker.HeaderOf(account), "The token is not the account's, or not alone.");
        CheckSource(account, policy);
        var (path, query) = Cut(rest);
        var mayBeBatch = PolicyOracle.Check(account == "other" ? null : policy, method, path, WithoutSas(query), headers);
        FuzzViolation.If(mayBeBatch && !isBatch && account != "other" && policy is not null, "A batch is not read as one.");
    }

    /// <summary>Which account a client means: the Host says so, or the first segment.</summary>
    private static (string Account, bool Secondary, string Behind) Meant(string target, string host)
    {
        var name = host.Split(':')[0].Split('.')[0].ToLowerInvariant();
        var rest = target;
        if (host.Split(':')[0].ToLowerInvariant() is "127.0.0.1" or "localhost")
        {
            var end = target.IndexOfAny(['/', '?'], 1);
            name = end < 0 ? target[1..] : target[1..end];
            rest = end < 0 ? "" : target[end..];
        }

        return name.EndsWith("-secondary", StringComparison.Ordinal) ? (name[..^10], true, rest) : (name, false, rest);
    }

    private void CheckAddress(string account, bool secondary, string rest)
    {
        var suffix = secondary ? "-secondary" : "";
        var (authority, prefix) = account == "emul" ? ("emul.example:10443", "/emul" + suffix) : ($"{account}{suffix}.blob.core.windows.net", "");
        FuzzViolation.If(address.Scheme != "https" || address.Authority != authority || address.UserInfo.Length > 0, $"It would go to {address}.");
        var (path, query) = Cut(rest);
        var (sentPath, sentQuery) = Cut(address.PathAndQuery);
        var expected = prefix + path;
        FuzzViolation.If(sentPath != (expected.Length == 0 ? "/" : expected), $"The path becomes {sentPath}.");
        FuzzViolation.If(sentQuery != query && sentQuery.Trim('?', '&') != WithoutSas(query).Trim('?', '&'), $"The query becomes {sentQuery}.");
        FuzzViolation.If(Names(sentQuery).Any(name => OfSas.Contains(Readings.Decode(name))), $"A SAS is sent on: {sentQuery}");
    }

    /// <summary>A source within an account under the policy must be allowed; a token goes only with an account's own address.</summary>
    private void CheckSource(string account, PolicyOptions? policy)
    {
        var given = headers.GetValueOrDefault("x-ms-copy-source-authorization");
        if (!headers.TryGetValue("x-ms-copy-source", out var text))
        {
            FuzzViolation.If(given is not null && given.Contains("token-of-", StringComparison.Ordinal), "A token is sent for a source that is not there.");
            return;
        }

        var owner = OwnerOf(text, out var path);
        FuzzViolation.If(given?.Contains("token-of-", StringComparison.Ordinal) == true && given != FuzzedBroker.HeaderOf(owner ?? ""),
            $"{given} is sent for a source at {text}.");
        var isOwn = given is not null || owner == account;
        if (policy is not null && isOwn && owner is "acct" or "emul")
            PolicyOracle.CheckSource(policy, path);
    }

    /// <summary>Whose blob storage would read: any of its names for an account.</summary>
    private static string? OwnerOf(string source, out string path)
    {
        path = "";
        var start = source.IndexOf("://", StringComparison.Ordinal);
        if (start < 0)
            return null;
        var rest = source[(start + 3)..];
        var end = rest.IndexOfAny(['/', '?', '\\', '#']);
        var (authority, target) = end < 0 ? (rest, "") : (rest[..end], rest[end..]);
        authority = authority[(authority.LastIndexOf('@') + 1)..].ToLowerInvariant();
        path = Cut(target).Path;
        var label = authority.Split('.', ':', '-')[0];
        if (label != "emul")
            return label is "acct" or "other" ? label : null;
        var inside = path.StartsWith("/emul", StringComparison.Ordinal);
        path = inside ? path[(path.IndexOf('/', 1) is var slash and > 0 ? slash : path.Length)..] : path;
        return "emul";
    }

    private static string WithoutSas(string query) =>
        query.Length <= 1 ? query : "?" + string.Join('&', query[1..].Split('&').Where(pair => !OfSas.Contains(pair.Split('=')[0])));

    private static IEnumerable<string> Names(string query) => query.Length <= 1 ? [] : query[1..].Split('&').Select(pair => pair.Split('=')[0]);

    private static (string Path, string Query) Cut(string target)
    {
        var question = target.IndexOf('?', StringComparison.Ordinal);
        return question < 0 ? (target, "") : (target[..question], target[question..]);
    }
}
