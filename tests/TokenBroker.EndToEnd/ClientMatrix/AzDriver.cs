using System.Text.Json.Nodes;
using TokenBroker.TestSupport;

namespace TokenBroker.EndToEnd.ClientMatrix;

/// <summary>The Azure CLI. Each command starts Python: about a second, and no more of them than an operation needs.</summary>
internal sealed class AzDriver : CommandLineDriver
{
    protected override IReadOnlyDictionary<string, Func<Task<object?>>> Operations(Leg leg, string lines, string container, TemporaryDirectory directory)
    {
        var environment = new Dictionary<string, string?>([.. ExportedVariables.Of(lines), .. leg.Trust])
        {
            ["AZURE_CONFIG_DIR"] = directory.File("configuration"),
            ["AZURE_CORE_COLLECT_TELEMETRY"] = "no",
            ["PYTHONDONTWRITEBYTECODE"] = "1",
        };
        var az = new AzBlobs(new CommandLine("az", ["--only-show-errors", "--output", "json"], environment, directory), container);
        return new Dictionary<string, Func<Task<object?>>>
        {
            ["create"] = az.CreateAsync,
            ["put-get"] = az.PutGetAsync,
            ["range"] = az.RangeAsync,
            ["staged"] = az.StagedAsync,
            ["list"] = az.ListAsync,
            ["delete"] = az.DeleteAsync,
            ["snapshot"] = az.SnapshotAsync,
            ["lease"] = az.LeaseAsync,
            ["conditional"] = az.ConditionalAsync,
            ["append"] = az.AppendAsync,
            ["page"] = az.PageAsync,
            ["names"] = az.NamesAsync,
            ["batch"] = az.BatchAsync,
            ["copy"] = az.CopyAsync,
            ["sas"] = () => az.SignedAsync(),
            ["sas-headers"] = () => az.SignedAsync("--content-type", "text/x-other", "--cache-control", "max-age=5"),
            ["acl"] = az.AccessPolicyAsync,
        };
    }
}

/// <summary>Every operation of the matrix, as a person does it with <c>az storage blob</c>.</summary>
internal sealed class AzBlobs(CommandLine az, string container)
{
    private static readonly string[] Names = ["a +%#?&ü", "a//b", "trailing."];

    public async Task<object?> CreateAsync() => new
    {
        made = await JsonAsync("storage", "container", "create", "--name", container),
        there = (await JsonAsync("storage", "container", "exists", "--name", container))!["exists"],
    };

    public async Task<object?> PutGetAsync()
    {
        var file = az.Write("file", Bytes.Content(100_000));
        await UploadAsync("put-get", "file", "--content-type", "text/x-matrix", "--metadata", "Colour=blue");
        await DownloadAsync("put-get", "got");
        var seen = (await ShowAsync("put-get"))!;
        var properties = seen["properties"]!;
        return new
        {
            same = Bytes.Sha256OfFile(az.Directory.File("got")) == Bytes.Sha256OfFile(file),
            size = properties["contentLength"],
            settings = properties["contentSettings"],
            metadata = seen["metadata"],
        };
    }

    public async Task<object?> RangeAsync()
    {
        await DownloadAsync("put-get", "part", "--start-range", "1000", "--end-range", "5999");
        return new { sha256 = Bytes.Sha256OfFile(az.Directory.File("part")) };
    }

    public async Task<object?> StagedAsync()
    {
        var file = az.Write("large", Bytes.Content(70 << 20));
        await UploadAsync("staged", "large");
        await DownloadAsync("staged", "large-again");
        await BlobAsync("delete", "staged");
        return new { same = Bytes.Sha256OfFile(az.Directory.File("large-again")) == Bytes.Sha256OfFile(file) };
    }

    public async Task<object?> ListAsync()
    {
        foreach (var name in new[] { "a", "b", "deep/c" })
            az.Write($"tree/{name}", "1234");
        await az.RunAsync("storage", "blob", "upload-batch", "--destination", container, "--destination-path", "list", "--source", "tree", "--no-progress");
        return new { all = await ListedAsync("list/"), walk = await JsonAsync("storage", "blob", "list", "--container-name", container, "--prefix", "list/", "--delimiter", "/", "--query", "[].name") };
    }

    public async Task<object?> DeleteAsync() => new
    {
        first = await AttemptAsync("delete", "list/a"),
        exists = (await JsonAsync("storage", "blob", "exists", "--container-name", container, "--name", "list/a"))!["exists"],
        show = await AttemptAsync("show", "list/a"),
    };

    public async Task<object?> SnapshotAsync()
    {
        var taken = (await BlobAsync("snapshot", "list/b", "--query", "snapshot"))!.GetValue<string>();
        az.Write("newer", "newer");
        await UploadAsync("list/b", "newer", "--overwrite");
        await DownloadAsync("list/b", "old", "--snapshot", taken);
        return new { old = await File.ReadAllTextAsync(az.Directory.File("old")), only = await AttemptAsync("delete", "list/b"), both = await AttemptAsync("delete", "list/b", "--delete-snapshots", "include") };
    }

    public async Task<object?> LeaseAsync()
    {
        var lease = (await JsonAsync("storage", "blob", "lease", "acquire", "--container-name", container, "--blob-name", "put-get", "--lease-duration", "60"))!.GetValue<string>();
        return new
        {
            without = await AttemptAsync("upload", "put-get", "--file", "file", "--overwrite", "--no-progress"),
            with = await AttemptAsync("upload", "put-get", "--file", "file", "--overwrite", "--no-progress", "--lease-id", lease),
            broken = await JsonAsync("storage", "blob", "lease", "break", "--container-name", container, "--blob-name", "put-get", "--lease-break-period", "0"),
        };
    }

    public async Task<object?> ConditionalAsync() => new
    {
        exists = await AttemptAsync("upload", "put-get", "--file", "file", "--if-none-match", "*", "--overwrite", "--no-progress"),
        wrong = await AttemptAsync("show", "put-get", "--if-match", "0x123"),
    };

    public async Task<object?> AppendAsync()
    {
        az.Write("line", "a line of it");
        await UploadAsync("append", "line", "--type", "append");
        await UploadAsync("append", "line", "--type", "append");
        await DownloadAsync("append", "lines");
        return new { content = await File.ReadAllTextAsync(az.Directory.File("lines")) };
    }

    public async Task<object?> PageAsync()
    {
        var file = az.Write("pages", Bytes.Content(4096));
        await UploadAsync("page", "pages", "--type", "page");
        await DownloadAsync("page", "pages-again");
        return new { same = Bytes.Sha256OfFile(az.Directory.File("pages-again")) == Bytes.Sha256OfFile(file) };
    }

    public async Task<object?> NamesAsync()
    {
        var same = new List<bool>();
        foreach (var name in Names)
        {
            az.Write("named", name);
            await UploadAsync($"names/{name}", "named");
            await DownloadAsync($"names/{name}", "named-again");
            same.Add(await File.ReadAllTextAsync(az.Directory.File("named-again")) == name);
        }

        return new { same, listed = await ListedAsync("names/") };
    }

    public async Task<object?> BatchAsync() => new
    {
        deleted = await JsonAsync("storage", "blob", "delete-batch", "--source", container, "--pattern", "names/*"),
        left = await ListedAsync("names/"),
    };

    public async Task<object?> CopyAsync()
    {
        await JsonAsync("storage", "blob", "copy", "start", "--destination-container", container, "--destination-blob", "copy/a target", "--source-container", container, "--source-blob", "put-get");
        await DownloadAsync("copy/a target", "copied");
        return new { same = Bytes.Sha256OfFile(az.Directory.File("copied")) == Bytes.Sha256OfFile(az.Directory.File("file")), status = (await ShowAsync("copy/a target"))!["properties"]!["copy"]!["status"] };
    }

    public async Task<object?> SignedAsync(params string[] headers)
    {
        var address = (await BlobAsync("generate-sas", "put-get", ["--permissions", "r", "--expiry", "2030-01-01T00:00Z", "--full-uri", .. headers]))!.GetValue<string>();
        var seen = await JsonAsync("storage", "blob", "download", "--blob-url", address, "--file", "signed", "--no-progress");
        var settings = seen!["properties"]!["contentSettings"]!;
        return new { sha256 = Bytes.Sha256OfFile(az.Directory.File("signed")), type = settings["contentType"], cache = settings["cacheControl"] };
    }

    public async Task<object?> AccessPolicyAsync()
    {
        await JsonAsync("storage", "container", "policy", "create", "--container-name", container, "--name", "readers", "--permissions", "r");
        return new { policies = await JsonAsync("storage", "container", "policy", "list", "--container-name", container, "--query", "keys(@)") };
    }

    private Task<string> UploadAsync(string blob, string file, params string[] options) =>
        az.RunAsync(["storage", "blob", "upload", "--container-name", container, "--name", blob, "--file", file, "--no-progress", .. options]);

    private Task<string> DownloadAsync(string blob, string file, params string[] options) =>
        az.RunAsync(["storage", "blob", "download", "--container-name", container, "--name", blob, "--file", file, "--no-progress", .. options]);

    private Task<JsonNode?> ShowAsync(string blob) => BlobAsync("show", blob);

    private Task<JsonNode?> ListedAsync(string prefix) =>
        JsonAsync("storage", "blob", "list", "--container-name", container, "--prefix", prefix, "--query", "[].[name, properties.contentLength]");

    private Task<JsonNode?> BlobAsync(string command, string blob, params string[] options) =>
        JsonAsync(["storage", "blob", command, "--container-name", container, "--name", blob, .. options]);

    private Task<JsonNode?> AttemptAsync(string command, string blob, params string[] options) =>
        az.AttemptAsync(["storage", "blob", command, "--container-name", container, "--name", blob, .. options]);

    private async Task<JsonNode?> JsonAsync(params string[] arguments) => await az.RunAsync(arguments) is { Length: > 0 } output ? JsonNode.Parse(output) : null;
}
