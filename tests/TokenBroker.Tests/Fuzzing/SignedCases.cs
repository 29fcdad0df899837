using System.Globalization;
using CsCheck;

namespace TokenBroker.Tests.Fuzzing;

/// <summary>Rightly signed requests, by key or by SAS, and what somebody might make of them who does not have the key.</summary>
internal static class SignedCases
{
    private const string Day = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    private static readonly string[] Operations = [.. TargetCase.Operations.Where(line => !line.EndsWith(' ') || !line.Contains('i') && !line.Contains('o') && line[0] is not 'g')];

    private static readonly Gen<string> Names = Gen.OneOf("c/b", "c/b", "c/a%20b", "c/%C3%BC/x", "$web/index.html", "c/a+b", "c/100%25", "other/b", "b", "c/a%2Fb", "c/.x");

    private static readonly Gen<string> Extra = Gen.OneOf(
        "", "", "", "", "timeout=30", "prefix=a%20b", "prefix=a+b", "marker=%C3%BC", "x=1&aa=2", "Timeout=3", "x=%0Acomp:acl", "include=metadata,snapshots", "include=copy,tags", "INCLUDE=%74ags", "ab=%FF&a-b=1&a_b=2", "empty&z=");

    private static readonly Gen<string[]> Header = Gen.OneOf<string[]>(
        ["x-ms-meta-a", "1"], ["x-ms-meta-a_b", "two  words"], ["x-ms-meta-ab", "ü"], ["X-MS-Meta-A1", " trimmed "], ["x-ms-client-request-id", "7"], ["Content-Type", "text/plain"],
        ["Content-Length", "0"], ["Content-Length", "5"], ["Range", "bytes=0-9"], ["If-None-Match", "*"], ["If-Match", "\"1\""], ["Content-MD5", "YQ=="], ["x-ms-blob-type", "BlockBlob"],
        ["x-ms-lease-action", "break"], ["x-ms-lease-action", "acquire"], ["x-ms-tags", "a=b"], ["x-ms-if-tags", "a='b'"], ["x-ms-source-if-tags", "x"],
        ["x-ms-copy-source-tag-option", "COPY"], ["x-ms-copy-source-tag-option", "replace"], ["x-ms-expiry-option", "Absolute"], ["X-HTTP-Method", "PUT"], ["x-ms-legal-hold", "true"], ["x-ms-encryption-scope", "s"], ["Accept", "*/*"], ["x-ms-empty", ""]);

    private static readonly Gen<string[][]> Headers = Header.Array[0, 3].Select(all => all.DistinctBy(header => header[0].ToUpperInvariant()).ToArray());

    private static readonly Gen<(string Operation, string Name, string Extra, string[][] Headers)> Requests = Gen.Select(Gen.OneOf(Operations), Names, Extra, Headers);

    /// <summary>Minutes from now: mostly within bounds.</summary>
    private static readonly Gen<int> Minutes = Gen.Frequency((8, Gen.Int[-14, 14]), (1, Gen.Int[-40, 40]));

    private static readonly Gen<SignedCase> ByKey = Gen.Select(Requests, Minutes, Gen.Bool, (request, minutes, useDate) =>
    {
        var date = (useDate ? "Date" : "x-ms-date", SignedSurface.Now.AddMinutes(minutes).ToString("R", CultureInfo.InvariantCulture));
        var unsigned = Of(request, "", [["x-ms-version", "2021-12-02"], [date.Item1, date.Item2]]);
        return unsigned with { Headers = [.. unsigned.Headers, ["Authorization", $"SharedKey acct:{SignatureDocument.Sign(SignatureDocument.SharedKey(new(unsigned)))}"]] };
    });

    private static readonly Gen<string> Kinds = Gen.OneOf("b", "c", "bs", "bv", "a", "a");

    private static readonly Gen<string> Permissions = Gen.OneOf("r", "w", "c", "d", "l", "rwdlac", "racwdxyltmeopi", "t", "rw", "cl", "f", "i", "a", "x", "y", "dw");

    private static readonly Gen<string> Versions = Gen.OneOf("2021-06-08", "2020-12-06", "2019-12-12", "2018-11-09", "2017-11-09", "2015-04-05", "2026-10-06", "2012-02-12", "2021-13-01");

    private static readonly Gen<string> Limits = Gen.OneOf(
        "", "", "", "", "&spr=https,http", "&spr=https", "&sip=127.0.0.1", "&sip=127.0.0.0-127.0.0.9", "&sip=10.0.0.1", "&ses=s", "&rscd=a%20b&rsct=x", "&rscc=no-cache", "&si=p", "&skoid=1", "&st=", "&spr=");

    private static readonly Gen<string> Services = Gen.OneOf("ss=b&srt=sco", "ss=bfqt&srt=sco", "ss=b&srt=o", "ss=b&srt=c", "ss=b&srt=s", "ss=f&srt=sco", "srt=sco");

    private static readonly Gen<SignedCase> BySas = Gen.Select(
        Requests, Gen.Select(Kinds, Permissions, Versions, Limits), Services, Gen.Select(Gen.Frequency((6, Gen.Int[1, 900]), (1, Gen.Int[-900, 0])), Gen.Frequency((3, Gen.Const(1)), (2, Gen.Int[-60, 0]), (1, Gen.Int[1, 60]))),
        (request, sas, services, times) =>
        {
            var (kind, permissions, version, limits) = sas;
            // Older versions do not sign which snapshot or version it is.
            if (kind is "bs" or "bv" && string.CompareOrdinal(version, "2018-11-09") < 0)
                kind = "b";
            var own = kind == "a" ? services : $"sr={kind}" + kind switch { "bs" => "&snapshot=2021", "bv" => "&versionid=2021", _ => "" };
            // One minute ahead stands for no start at all.
            var start = times.Item2 == 1 ? "" : "&st=" + Time(times.Item2);
            var sent = $"sv={version}&{own}&sp={permissions}&se={Time(times.Item1)}{(limits.Contains("&st", StringComparison.Ordinal) ? "" : start)}{limits}";
            var unsigned = Of(request, sent, [["x-ms-version", "2021-12-02"]]);
            var text = kind == "a" ? SignatureDocument.AccountSas(new(unsigned)) : SignatureDocument.ServiceSas(new(unsigned));
            return unsigned with { Target = unsigned.Target + "&sig=" + Uri.EscapeDataString(SignatureDocument.Sign(text)) };
        });

    public static Gen<SignedCase> Any { get; } = Gen.Select(Gen.OneOf(ByKey, BySas), Mutation.Few, Gen.Int[0, 5], Gen.Int[0, 9], Alter);

    private static SignedCase Of((string Operation, string Name, string Extra, string[][] Headers) request, string sas, string[][] headers)
    {
        var (method, scope, query) = request.Operation.Split(' ') is [var first, var second, var third] ? (first, second, third) : default;
        var path = scope switch { "a" => "", "c" => "/" + request.Name.Split('/')[0], _ => "/" + request.Name };
        var all = string.Join('&', new[] { query, request.Extra, sas }.Where(text => text.Length > 0));
        return new(method, $"/acct{path}{(all.Length > 0 ? "?" : "")}{all}", [.. headers, .. request.Headers], IsAltered: false);
    }

    private static SignedCase Alter(SignedCase one, Mutation[] mutations, int what, int which)
    {
        if (mutations.Length == 0)
            return one;
        var at = which % one.Headers.Length;
        var altered = what switch
        {
            0 or 1 => one with { Target = Mutation.Apply(mutations, one.Target) },
            2 => one with { Headers = [.. one.Headers.Select((header, i) => i == at ? [header[0], Mutation.Apply(mutations, header[1])] : header)] },
            3 => one with { Headers = [.. one.Headers, ["x-ms-added", "1"]] },
            4 => one with { Headers = [.. one.Headers.Where((_, i) => i != at)] },
            _ => one with { Method = one.Method == "DELETE" ? "GET" : "DELETE" },
        };
        return altered with { IsAltered = true };
    }

    private static string Time(int minutes) => Uri.EscapeDataString(SignedSurface.Now.AddMinutes(minutes).ToString(Day, CultureInfo.InvariantCulture));
}
