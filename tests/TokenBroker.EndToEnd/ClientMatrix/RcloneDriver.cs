using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using TokenBroker.TestSupport;

namespace TokenBroker.EndToEnd.ClientMatrix;

/// <summary>rclone with the remote that docs/clients.md describes.</summary>
internal sealed class RcloneDriver : CommandLineDriver
{
    /// <summary>Not <c>a//b</c>, which rclone reads as <c>a/b</c>.</summary>
    private static readonly string[] Names =
        ["a space", "a+b", "100%", "50%2Fhalf", "a#b", "a?b=c", "grün/日本", "trailing.", "a&b=c;d@e:f$g,h'(i)!j*k~l", "list/[x]"];

    protected override IReadOnlyDictionary<string, Func<Task<object?>>> Operations(Leg leg, string lines, string container, TemporaryDirectory directory)
    {
        // Only a SAS leads rclone elsewhere than to Azure's own address: where one is verified it takes a real one.
        var configuration = leg.VerifiesSignatures ? Regex.Replace(lines, @"\?sv=\S+", $"?{leg.AccountSas()}") : lines;
        var file = directory.File("rclone.conf");
        File.WriteAllText(file, configuration);
        string[] common = ["--config", file, .. leg.AuthorityFile is { } authority ? new[] { "--ca-cert", authority } : []];
        var rclone = new CommandLine("rclone", [.. common, "--retries", "1", "--low-level-retries", "1"], new Dictionary<string, string?>(), directory);
        var at = $"REMOTE:{container}";
        return new Dictionary<string, Func<Task<object?>>>
        {
            ["create"] = async () => new { made = await rclone.RunAsync("mkdir", at), there = (await rclone.RunAsync("lsf", "REMOTE:")).Contains($"{container}/", StringComparison.Ordinal) },
            ["put-get"] = () => PutGetAsync(rclone, at),
            ["range"] = async () => new { sha256 = Bytes.Sha256((await rclone.RunAsync("cat", $"{at}/put-get", "--offset", "1000", "--count", "5000")).TrimEnd('\n')) },
            ["staged"] = () => StagedAsync(rclone, at),
            ["list"] = () => ListAsync(rclone, at),
            ["delete"] = async () => new { first = await rclone.RunAsync("deletefile", $"{at}/list/a"), again = await rclone.AttemptAsync("deletefile", $"{at}/list/a"), get = await rclone.AttemptAsync("copyto", $"{at}/list/a", "gone") },
            ["names"] = () => NamesAsync(rclone, at),
            ["copy"] = () => CopyAsync(rclone, at),
        };
    }

    private static async Task<object?> PutGetAsync(CommandLine rclone, string at)
    {
        var file = rclone.Write("put-get", Bytes.Content(100_000));
        await rclone.RunAsync("copyto", file, $"{at}/put-get", "--header-upload", "Content-Type: text/x-matrix");
        await rclone.RunAsync("copyto", $"{at}/put-get", "got");
        var listed = JsonNode.Parse(await rclone.RunAsync("lsjson", "--hash", $"{at}/put-get"))!.AsArray().Single()!;
        return new { same = Bytes.Sha256OfFile(rclone.Directory.File("got")) == Bytes.Sha256OfFile(file), size = listed["Size"], type = listed["MimeType"], hashes = listed["Hashes"] };
    }

    private static async Task<object?> StagedAsync(CommandLine rclone, string at)
    {
        var file = rclone.Write("staged", Bytes.Content(70 << 20));
        var log = await rclone.LogAsync("copyto", "staged", $"{at}/staged", "-vv");
        await rclone.RunAsync("copyto", $"{at}/staged", "staged-again");
        await rclone.RunAsync("deletefile", $"{at}/staged");
        return new { same = Bytes.Sha256OfFile(rclone.Directory.File("staged-again")) == Bytes.Sha256OfFile(file), blocks = Regex.Count(log, "Uploading part") };
    }

    private static async Task<object?> ListAsync(CommandLine rclone, string at)
    {
        foreach (var name in new[] { "a", "b", "deep/c" })
            rclone.Write($"tree/{name}", "1234");
        await rclone.RunAsync("copy", "tree", $"{at}/list");
        var all = JsonNode.Parse(await rclone.RunAsync("lsjson", "-R", "--azureblob-list-chunk", "2", $"{at}/list"))!.AsArray();
        return new { all = all.Select(item => $"{item!["Path"]} {item["Size"]} {item["IsDir"]}").Order().ToArray(), walk = await rclone.RunAsync("lsf", $"{at}/list") };
    }

    private static async Task<object?> NamesAsync(CommandLine rclone, string at)
    {
        foreach (var name in Names)
            rclone.Write($"names/{name}", name);
        await rclone.RunAsync("copy", "names", $"{at}/names");
        await rclone.RunAsync("copy", $"{at}/names", "names-again");
        var listed = (await rclone.RunAsync("lsf", "-R", "--files-only", $"{at}/names")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Order().ToArray();
        return new { same = Names.Select(name => File.ReadAllText(rclone.Directory.File($"names-again/{name}")) == name).ToArray(), listed };
    }

    private static async Task<object?> CopyAsync(CommandLine rclone, string at)
    {
        var log = await rclone.LogAsync("copyto", $"{at}/put-get", $"{at}/copy/a target", "-vv");
        await rclone.RunAsync("copyto", $"{at}/copy/a target", "copied");
        return new { sha256 = Bytes.Sha256OfFile(rclone.Directory.File("copied")), storageDoesIt = log.Contains("server-side copy", StringComparison.Ordinal) };
    }
}
