using CsCheck;

namespace TokenBroker.Tests.Fuzzing;

/// <summary>A request line and headers, and the policy that they come under.</summary>
internal sealed record TargetCase(string Policy, string Method, string Target, string Host, string[][] Headers)
{
    /// <summary>Operations as the service's documents write them, with what their paths name: account, container, blob.</summary>
    public static readonly string[] Operations =
    [
        "GET a comp=list", "GET a comp=blobs&where=x", "GET a restype=service&comp=properties", "PUT a restype=service&comp=properties", "GET a restype=service&comp=stats",
        "POST a restype=service&comp=userdelegationkey", "POST c restype=container&comp=session", "POST b comp=", "POST b comp=append", "GET a restype=account&comp=properties", "POST a comp=batch",
        "PUT c restype=container", "GET c restype=container", "HEAD c restype=container&comp=metadata", "DELETE c restype=container", "PUT c restype=container&comp=metadata",
        "GET c restype=container&comp=acl", "PUT c restype=container&comp=acl", "PUT c comp=lease&restype=container", "PUT c restype=container&comp=undelete",
        "PUT c restype=container&comp=rename", "GET c restype=container&comp=list", "GET c restype=container&comp=list&include=metadata,tags&prefix=a%2Fb",
        "GET c restype=container&comp=list&include=snapshots&delimiter=/", "GET c restype=container&comp=blobs&where=x", "POST c restype=container&comp=batch",
        "GET b ", "GET b ", "HEAD b ", "GET b snapshot=2021-01-01T00:00:00.0000000Z", "PUT b ", "PUT b ", "DELETE b ", "DELETE b deletetype=permanent&versionid=1", "GET b comp=metadata",
        "PUT b comp=metadata", "PUT b comp=properties", "PUT b comp=lease", "PUT b comp=snapshot", "PUT b comp=undelete", "PUT b comp=tier", "PUT b comp=copy&copyid=1",
        "PUT b comp=block&blockid=YQ%3D%3D", "GET b comp=blocklist&blocklisttype=all", "PUT b comp=blocklist", "PUT b comp=page", "GET b comp=pagelist", "PUT b comp=appendblock",
        "PUT b comp=incrementalcopy", "PUT b comp=seal", "POST b comp=query", "GET b comp=tags", "PUT b comp=tags", "PUT b comp=expiry", "PUT b comp=immutabilitypolicies",
        "DELETE b comp=immutabilitypolicies", "PUT b comp=legalhold", "GET b restype=account&comp=properties", "PUT b resource=file", "PUT b action=append", "PATCH b ", "OPTIONS b ", "get b ",
    ];

    private const string Sas = "&sv=2021-06-08&ss=b&srt=sco&sp=rwdl&se=2030-01-01&sig=abc%3D";

    /// <summary>What stands before the container, and the Host that it goes with.</summary>
    private static readonly Gen<(string Prefix, string Host)> Places = Gen.Frequency(
        (60, ("/acct", "127.0.0.1:11000")), (20, ("/emul", "localhost:11000")), (8, ("/acct", "localhost")), (3, ("/acct-secondary", "127.0.0.1:11000")),
        (2, ("/emul-secondary", "127.0.0.1:11000")), (2, ("/other", "127.0.0.1:11000")), (8, ("", "acct.blob.localhost:11000")), (2, ("", "acct.localhost:11000")),
        (2, ("", "acct.blob.core.windows.net")), (1, ("", "acct-secondary.blob.core.windows.net")), (1, ("", "ACCT.blob.localhost")), (1, ("", "emul.localhost:11000")),
        (1, ("/acct@evil.example", "127.0.0.1:11000")), (1, ("/acct.evil.example", "127.0.0.1:11000")), (1, ("/acct:1", "127.0.0.1:11000")), (1, ("//acct", "localhost")),
        (1, ("http://evil.example/acct", "127.0.0.1:11000")), (1, ("/acct", "evil.example")), (1, ("/acct", "127.0.0.1:80")), (1, ("/acct", "acct.blob.core.windows.net.")),
        (1, ("/acct-secondary-secondary", "localhost")), (1, ("/ACCT", "localhost")), (1, ("*", "localhost")), (1, ("", "")));

    private static readonly Gen<string> Container = Gen.OneOf(
        "c", "c", "c", "c", "c", "logs-a", "logs-a", "logs-", "$root", "%24root", "$web", "%24web", "other", "acct", "emul", "d", "l", "cc", "logs", "C", "c%2F", "%63", "c;x", "c.", "c\\d", "l", "log%73-a", "c+d", "d");

    private static readonly Gen<string> Blob = Gen.OneOf(
        "b", "b", "b", "b", "b", "a/b", "x/y/z", "a//b", "", "a%2Fb", "a%20b", "%25", "a;v=1", "a+b", "a@b:1", "..", "../d/x", "%2e%2e/d/x", "..%2fd", "..\\d", "%252e%252e/%252e%252e/d/x", "a%5Cb", "...", ".a",
        "a/", "a%2F..%2F..%2Fd", "%E2%82%AC", "x?restype=container", "b%00", "[x]", "'\"", "$root/x");

    private static readonly Gen<string> Extra = Gen.OneOf(
        "", "", "", "", "", "", "", "", Sas, Sas, "&timeout=30", "&prefix=a%2Fb", "&versionid=1", "&maxresults=5", "&prefix=a;b", "&x", "&", "&include=tags", "&include=%74ags", "&include=%2574ags", "&include=ta%67s,copy", "&marker=a%26comp%3Dacl", "&comp=tags", "&COMP=list",
        "&%63omp=acl", "&s%69g=x", "&comp%00=acl", "&comp+=acl", "&+comp=acl", "&restype=container", "&sv=2015-02-21", "&sig=x&rscc=no-cache%0d", "&sig=x&rsct=text/html", "&comp;=x", "&;comp=tags", "&prefix=x;comp=tags",
        "&prefix=x;restype=container;comp=acl", "&comp[]=acl", "&snapshot=x&snapshot=y", "&$comp=x", "&resource=filesystem", "&a=b=comp=tags", "&prefix=%3Bcomp%3Dtags", "&comp=%256cist", "&x=%26comp%3Dsession", "&x=1;comp=session", "&comp=se%C5%BFsion", "&%73=;comp=userdelegationkey");

    private static readonly Gen<string[]> Header = Gen.OneOf(
        Gen.OneOf<string[]>(["If-None-Match", "*"], ["If-None-Match", "*"], ["If-None-Match", "\"1\""], ["If-None-Match", " *"], ["If-None-Match", "*, *"], ["If-Match", "\"1\""], ["If-Match", ""],
            ["If-Modified-Since", "Fri, 01 Jan 2021 00:00:00 GMT"], ["if-unmodified-since", "x"], ["x-ms-tags", "a=b"], ["X-MS-Tags", ""], ["x-ms-if-tags", "x"], ["x-ms-source-if-tags", "x"],
            ["x-ms-copy-source-tag-option", " copy "], ["x-ms-copy-source-tag-option", "REPLACE"], ["x-ms-expiry-option", "Absolute"], ["x-ms-legal-hold", "true"],
            ["x-ms-immutability-policy-mode", "locked"], ["x-ms-rename-source", "/c/x"], ["X-HTTP-Method", "DELETE"], ["X-HTTP-Method-Override", "PUT"], ["X-Method-Override", "POST"]),
        Gen.OneOf<string[]>(["Authorization", "SharedKey acct:x"], ["authorization", "Bearer own"], ["Cookie", "a=b"], ["Proxy-Authorization", "x"], ["Connection", "x-ms-if-tags"], ["Connection", "close, TE"],
            ["Range", "bytes=0-1"], ["x-ms-version", "2015-02-21"], ["x-ms-version", ""], ["Via", "1.1 x"], ["X-Forwarded-For", "1.2.3.4"], ["Origin", "null"], ["Sec-Fetch-Mode", "cors"], ["x-ms-blob-type", "BlockBlob"],
            ["Transfer-Encoding", "chunked"], ["Content-Length", "0"], ["x-ms-requires-sync", "true"], ["Host", "other.blob.core.windows.net"], ["x-ms-meta-a b", "x"], ["x-ms-meta-a", "ü\u0001"], ["Content-Type", "x"]),
        Gen.OneOf(["http://127.0.0.1:11000/acct/c/s", "http://localhost:11000/acct/d/s", "https://acct.blob.core.windows.net/c/s?sig=x", "https://acct.blob.core.windows.net/d/s", "https://ACCT.blob.core.windows.net./d/s",
            "https://acct-microsoftrouting.blob.core.windows.net/d/s", "https://emul.example:10443/emul/c/s?snapshot=1", "https://emul.example:10443/emul/../d/s", "https://user@acct.blob.core.windows.net/c/s",
            "https://acct.blob.core.windows.net:444/c/s", "https://other.blob.core.windows.net/d/s", "https://stranger.example/x", "http://acct.localhost:11000/c/%252e%252e/%252e%252e/d/s", "http://127.0.0.1:11000/other/d/s", "/c/s", "",
            "https://acct.blob.core.windows.net\\@evil.example/c/s", "https://acct-secondary.blob.core.windows.net/c/s"]).Select(source => new[] { "x-ms-copy-source", source }));

    private static readonly Gen<string[][]> Further = Gen.Frequency(
        (5, Gen.Const(Array.Empty<string[]>())), (4, Header.Array[1]), (1, Header.Array[2, 3]));

    public static Gen<TargetCase> Any { get; } = Gen.Select(
        Gen.Select(PolicyTexts.Any, Gen.OneOf(Operations), Places), Gen.Select(Container, Blob, Extra), Gen.Frequency((3, ""), (1, "c/"), (1, "/")), Further, Mutation.Few, Gen.Int[0, 19], Of);

    private static TargetCase Of(
        (string Policy, string Operation, (string Prefix, string Host) Place) what, (string Container, string Blob, string Extra) names, string shape,
        string[][] headers, Mutation[] mutations, int mutated)
    {
        var (method, scope, query) = what.Operation.Split(' ') is [var first, var second, var third] ? (first, second, third) : default;
        if (mutated == 2)
            query = query.Replace("comp=", "COMP=", StringComparison.Ordinal).Replace("restype=", "ResType=", StringComparison.Ordinal);
        else if (mutated == 3)
            query = query.ToUpperInvariant();
        var path = scope switch
        {
            "a" => shape.Length > 0 ? "/" : "",
            "c" => $"/{names.Container}{(shape == "/" ? "/" : "")}",
            _ => shape == "/" ? "/" + names.Blob : $"/{names.Container}/{names.Blob}", // one segment: in $root
        };
        var all = query.Length > 0 ? "?" + query + names.Extra : names.Extra.Length > 0 ? "?" + names.Extra[1..] : "";
        headers = [["x-ms-version", "2021-12-02"], .. headers];
        // Mostly the target, which is where spellings matter; sometimes the Host or a header's value.
        var (target, host) = (what.Place.Prefix + path + all, what.Place.Host);
        if (mutated == 0)
            host = Mutation.Apply(mutations, host);
        else if (mutated == 1)
            headers[^1] = [headers[^1][0], Mutation.Apply(mutations, headers[^1][1])];
        else
            target = Mutation.Apply(mutations, target);
        return new(what.Policy, method, target, host, headers);
    }
}
