using System.Text;
using Microsoft.AspNetCore.Http;
using TokenBroker.Proxy;
using TokenBroker.Proxy.Rewriting.Batch;

namespace TokenBroker.Tests.Fuzzing;

/// <summary>
/// Bodies of batches. What is written anew, read by a reader of its own, holds the parts that were judged and nothing else;
/// each is in the batch's account, in its container if it has one, within the policy by every reading, and has one token.
/// </summary>
internal sealed class BatchSurface() : FuzzSurface<BatchCase>("batches", weight: 1, BatchCase.Any)
{
    private static readonly string[] MustNot = ["host", "cookie", "connection", "x-ms-version", "proxy-authorization", "transfer-encoding", "expect", "x-ms-copy-source"];

    public override FuzzVerdict Execute(BatchCase one)
    {
        var broker = FuzzedBroker.Of(one.Policy);
        var headers = new HeaderDictionary { ["Host"] = one.Host };
        if (!broker.Steps.Router.TryRead("POST", one.Target, one.Host, headers, out var outer, out _))
            throw new FuzzViolation("The batch's own target is wrong.");
        if (BatchReader.Read(one.ContentType, Encoding.Latin1.GetBytes(one.Body), out var parts) is not null)
            return FuzzVerdict.Unread;
        FuzzViolation.If(parts.Count is 0 or > 256, $"{parts.Count} parts are read.");
        if (broker.Batches.Plan(outer, parts, part => broker.Steps.Policy.Check(part), out var planned) is not null)
            return FuzzVerdict.Refused;
        var body = new BatchBody(planned);
        var written = Encoding.Latin1.GetString(body.Write(broker.TokenOf(outer.Account.Token)));
        var read = WrittenBatch.Read(written, body.ContentType.Split('=')[1]);
        FuzzViolation.If(read.Count != parts.Count || read.Count != planned.Count, $"{parts.Count} parts become {read.Count}.");
        foreach (var ((method, target, sent), (part, judged)) in read.Zip(parts.Zip(planned)))
        {
            FuzzViolation.If(method != part.Method || method != judged.Method || target != judged.Target, $"{part.Method} {part.Target} becomes {method} {target}.");
            CheckPart(broker, outer, method, target, sent);
            CheckBlob(outer, isHostStyle: one.Host.StartsWith("acct.", StringComparison.Ordinal), part.Target, target);
        }

        return FuzzVerdict.Accepted;
    }

    /// <summary>The blob is the one that the client wrote, with or without the account; and not both could be meant.</summary>
    private static void CheckBlob(BlobRequest outer, bool isHostStyle, string written, string sent)
    {
        var (account, path) = (outer.Account.Name, sent.Split('?')[0]);
        if (account == "emul")
            path = path["/emul".Length..];
        written = "/" + written.Split('?')[0].TrimStart('/');
        FuzzViolation.If(path != written && (isHostStyle || $"/{account}{path}" != written), $"{written} becomes {path}.");
        var plain = written.Replace("%24", "$", StringComparison.Ordinal);
        FuzzViolation.If(!isHostStyle && plain.StartsWith($"/{account}/{account}/", StringComparison.Ordinal) && outer.Path.IsAccount, $"{written} could be two blobs.");
    }

    private static void CheckPart(FuzzedBroker broker, BlobRequest outer, string method, string target, IReadOnlyDictionary<string, string> headers)
    {
        var account = outer.Account.Name;
        var prefix = account == "emul" ? "/emul" : "";
        FuzzViolation.If(headers["authorization"] != FuzzedBroker.HeaderOf(account), "A part has not the account's token.");
        FuzzViolation.If(headers.GetValueOrDefault("content-length") != "0", "A part has a body.");
        foreach (var name in MustNot)
            FuzzViolation.If(headers.ContainsKey(name), $"A part has {name}.");
        FuzzViolation.If(!target.StartsWith(prefix + "/", StringComparison.Ordinal), $"A part is at {target}.");
        var question = target.IndexOf('?', StringComparison.Ordinal);
        var (path, query) = question < 0 ? (target[prefix.Length..], "") : (target[prefix.Length..question], target[question..]);
        FuzzViolation.If(Readings.OfQuery(query).Any(parameter => parameter.Name is "sig" or "sp" or "sv"), $"A part keeps its SAS: {query}");
        if (!outer.Path.IsAccount)
        {
            var container = Uri.UnescapeDataString(outer.Path.Raw[1..]);
            // Read as storage does, once decoded: the policy alone is held to every reading.
            var own = Uri.UnescapeDataString(path).TrimStart('/').Replace('\\', '/').Split('/');
            FuzzViolation.If(own.Length < 2 || own[0] != container || own.Contains("..") || own.Contains("."), $"A part is at {path}, and the batch at {container}.");
        }

        FuzzViolation.If(PolicyOracle.Check(account == "other" ? null : broker.Policy, method, path, query, headers) && method == "POST", "A part is a batch.");
    }
}
