using Azure;
using Azure.Core;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Azure.Storage.Sas;

namespace TokenBroker.EndToEnd.CallerKey;

/// <summary>
/// One request of the differential: an operation on a blob, a way to sign it, and perhaps something wrong with it. The same
/// seed makes the same request, but for its date.
/// </summary>
internal sealed class GeneratedRequest
{
    private static readonly string[] Names =
    [
        "plain", "a space", "100%", "50%2Fhalf", "a+b&c=d;e:f@g$h,i'(j)!k*l~m", "a#b?c=d", "grün/日本/🙂", "a//b", "trailing.", "list/[x]", "{a}|b^c`d\"e<f>",
    ];

    private static readonly (string Name, Func<BlobContainerClient, string, Task> Run)[] Operations =
    [
        ("put", (c, n) => c.GetBlobClient(n).UploadAsync(BinaryData.FromString("content"), overwrite: true)),
        ("put with metadata", (c, n) => c.GetBlobClient(n).UploadAsync(BinaryData.FromString("x"), new BlobUploadOptions { Metadata = new Dictionary<string, string> { ["a_b"] = "1", ["ab"] = "two  words", ["a1"] = "" } })),
        ("get", (c, n) => c.GetBlobClient(n).DownloadContentAsync()),
        ("range", (c, n) => c.GetBlobClient(n).DownloadStreamingAsync(new() { Range = new HttpRange(1, 3) })),
        ("head", (c, n) => c.GetBlobClient(n).GetPropertiesAsync(new() { IfNoneMatch = new ETag("\"0x1\"") })),
        ("metadata", (c, n) => c.GetBlobClient(n).SetMetadataAsync(new Dictionary<string, string> { ["note"] = "some text" })),
        ("headers", (c, n) => c.GetBlobClient(n).SetHttpHeadersAsync(new() { ContentType = "text/plain; charset=utf-8", ContentLanguage = "de" })),
        ("block", (c, n) => c.GetBlockBlobClient(n).StageBlockAsync("YQ+/", new MemoryStream([1, 2, 3]))),
        ("commit", (c, n) => c.GetBlockBlobClient(n).CommitBlockListAsync(["YQ+/"])),
        ("blocks", (c, n) => c.GetBlockBlobClient(n).GetBlockListAsync()),
        ("append create", (c, n) => c.GetAppendBlobClient("append-" + n).CreateAsync()),
        ("append", (c, n) => c.GetAppendBlobClient("append-" + n).AppendBlockAsync(new MemoryStream([1]))),
        ("page create", (c, n) => c.GetPageBlobClient("page-" + n).CreateAsync(512)),
        ("pages", (c, n) => c.GetPageBlobClient("page-" + n).UploadPagesAsync(new MemoryStream(new byte[512]), 0)),
        ("tier", (c, n) => c.GetBlobClient(n).SetAccessTierAsync(AccessTier.Cool)),
        ("lease", (c, n) => c.GetBlobClient(n).GetBlobLeaseClient().AcquireAsync(TimeSpan.FromSeconds(15))),
        ("break", (c, n) => c.GetBlobClient(n).GetBlobLeaseClient().BreakAsync()),
        ("tags", (c, n) => c.GetBlobClient(n).GetTagsAsync()),
        ("set tags", (c, n) => c.GetBlobClient(n).SetTagsAsync(new Dictionary<string, string> { ["t"] = "1" })),
        ("snapshot", (c, n) => c.GetBlobClient(n).CreateSnapshotAsync()),
        ("delete", (c, n) => c.GetBlobClient(n).DeleteAsync(DeleteSnapshotsOption.IncludeSnapshots)),
        ("list", (c, n) => FirstAsync(c.GetBlobsAsync(BlobTraits.Metadata, BlobStates.Snapshots, n, default))),
        ("container", (c, _) => c.GetPropertiesAsync()),
        ("container metadata", (c, _) => c.SetMetadataAsync(new Dictionary<string, string> { ["note"] = "1" })),
        ("containers", (c, _) => FirstAsync(c.GetParentBlobServiceClient().GetBlobContainersAsync(prefix: "a b+c"))),
        ("service", (c, _) => c.GetParentBlobServiceClient().GetPropertiesAsync()),
    ];

    private readonly Random _random;
    private readonly StorageSharedKeyCredential _credential;
    private readonly string _container;
    private readonly string _name;
    private readonly string _wrong;

    public GeneratedRequest(int seed, string account, string key, string otherKey, string container)
    {
        _random = new Random(seed);
        _wrong = OneOf("", "", "", "key", "time", "permission", "container", "signature", "header", "query", "path", "parameter");
        _credential = new(account, _wrong == "key" ? otherKey : key);
        _container = container;
        _name = OneOf(Names);
    }

    /// <summary>For a failure's message.</summary>
    public string Description { get; private set; } = "";

    public async Task<CapturedRequest> SignAsync(Uri endpoint)
    {
        var (operation, run) = Operations[_random.Next(Operations.Length)];
        var way = OneOf("key", "blob", "container", "account");
        Description = $"{operation} of '{_name}' by {way}, wrong: {(_wrong.Length == 0 ? "nothing" : _wrong)}";
        var transport = new CapturingTransport();
        var options = new BlobClientOptions { Transport = transport, Retry = { MaxRetries = 0, Mode = RetryMode.Fixed } };
        var service = way == "key"
            ? new BlobServiceClient(endpoint, _credential, options)
            : new BlobServiceClient(new Uri($"{endpoint}?{Sas(way, operation)}"), options);
        await Record.ThrowsAnyAsync(() => run(service.GetBlobContainerClient(_container), _name));
        return Alter(transport.Captured ?? throw new InvalidOperationException($"Nothing was sent: {Description}"), way);
    }

    private string Sas(string way, string operation)
    {
        var now = TimeProvider.System.GetUtcNow();
        var isPast = _random.Next(2) == 0;
        var start = _wrong == "time" && !isPast ? now.AddMinutes(10) : now.AddMinutes(-10);
        var end = _wrong == "time" && isPast ? now.AddMinutes(-1) : now.AddHours(1);
        // Never c alone: whether it is enough depends on what is stored.
        var permissions = _wrong == "permission" ? OneOf("r", "w", "d", "t", "rt", "wd") : "rwdt";
        if (way == "account")
        {
            var types = _wrong == "container" ? (AccountSasResourceTypes)(1 + _random.Next(7)) : AccountSasResourceTypes.All;
            var sas = new AccountSasBuilder(AccountSasPermissions.Read, end, AccountSasServices.Blobs, types) { StartsOn = start };
            sas.SetPermissions(permissions + (_wrong == "permission" ? "" : "l"));
            return sas.ToSasQueryParameters(_credential).ToString();
        }

        var prefix = operation.StartsWith("append", StringComparison.Ordinal) ? "append-" : operation.StartsWith("page", StringComparison.Ordinal) ? "page-" : "";
        var own = new BlobSasBuilder
        {
            BlobContainerName = _wrong == "container" ? _container + "x" : _container,
            BlobName = way == "blob" ? prefix + _name : null,
            Resource = way == "blob" ? "b" : "c",
            StartsOn = start,
            ExpiresOn = end,
            ContentDisposition = OneOf(null, "attachment; filename=\"ü b+c.txt\""),
            CacheControl = OneOf(null, "no-cache"),
        };
        own.SetPermissions(permissions + (way == "blob" || _wrong == "permission" ? "" : "l"), normalize: true);
        return own.ToSasQueryParameters(_credential).ToString();
    }

    /// <summary>What somebody might change who has the request and not the key.</summary>
    private CapturedRequest Alter(CapturedRequest request, string way) => _wrong switch
    {
        "signature" when way == "key" => request with { Headers = [.. request.Headers.Select(header => header.Name == "Authorization" ? new HttpHeader(header.Name, Flip(header.Value, header.Value.Length - 10)) : header)] },
        "signature" => request with { Target = FlipSig(request.Target) },
        "header" => request with { Headers = [.. request.Headers.Select(header => header.Name == "x-ms-client-request-id" ? new HttpHeader(header.Name, "another") : header)] },
        "query" => request with { Target = request.Target + (request.Target.Contains('?', StringComparison.Ordinal) ? "&" : "?") + "timeout=29" },
        "path" when request.Target.Split('?')[0].Count(c => c == '/') > 2 => request with { Target = string.Join('?', [request.Target.Split('?')[0] + "x", .. request.Target.Split('?')[1..]]) },
        "parameter" when way != "key" => request with { Target = request.Target.Replace(OneOf("sp=r", "sv=2026-10-06", "sv=20"), OneOf("sp=", "sv=2021-06-08", "sv=21"), StringComparison.Ordinal) },
        _ => request,
    };

    /// <summary>Changes a character that is no part of an escape, which Azurite would fail on.</summary>
    private static string FlipSig(string target)
    {
        var at = target.IndexOf("sig=", StringComparison.Ordinal) + 4;
        while (target.AsSpan(at - 2, 3).Contains('%'))
            at++;
        return Flip(target, at);
    }

    private static string Flip(string text, int at) => text[..at] + (text[at] == 'A' ? 'B' : 'A') + text[(at + 1)..];

    private static async Task FirstAsync<T>(AsyncPageable<T> pages) where T : notnull
    {
        await foreach (var _ in pages)
            return;
    }

    private T OneOf<T>(params T[] choices) => choices[_random.Next(choices.Length)];

    private static class Record
    {
        public static async Task ThrowsAnyAsync(Func<Task> run)
        {
            try
            {
                await run();
            }
            catch (Exception error) when (error is OperationCanceledException or AggregateException or RequestFailedException)
            {
                // Captured; or nothing was, and that is noticed.
            }
        }
    }
}
