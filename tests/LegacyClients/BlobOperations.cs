using System.Security.Cryptography;
using System.Text;

namespace TokenBroker.LegacyClients;

/// <summary>The operations of the matrix, as an application with one of the old packages does them.</summary>
internal sealed class BlobOperations(CloudBlobClient client, string containerName)
{
    private static readonly string[] Names =
        ["a space", "a+b", "100%", "50%2Fhalf", "a#b", "a?b=c", "grün/日本", "a//b", "trailing.", "a&b=c;d@e:f$g,h'(i)!j*k~l", "list/[x]"];

    private readonly CloudBlobContainer _container = client.GetContainerReference(containerName);

    public IReadOnlyDictionary<string, Func<Task<object?>>> All => new Dictionary<string, Func<Task<object?>>>
    {
        ["create"] = CreateAsync,
        ["put-get"] = PutGetAsync,
        ["range"] = RangeAsync,
        ["staged"] = StagedAsync,
        ["list"] = ListAsync,
        ["delete"] = DeleteAsync,
        ["snapshot"] = SnapshotAsync,
        ["lease"] = LeaseAsync,
        ["conditional"] = ConditionalAsync,
        ["append"] = AppendAsync,
        ["page"] = PageAsync,
        ["names"] = async () => new { same = await RoundTripsAsync(), listed = (await ListedAsync("")).Where(Names.Contains) },
        ["name-leading-slash"] = async () => new { same = await IsSameAsync("/lead"), listed = (await ListedAsync("")).Where(name => name.Contains("lead", StringComparison.Ordinal)) },
        ["name-backslash"] = async () => new { same = await IsSameAsync("back\\slash"), listed = await ListedAsync("back") },
        ["name-dot-dot"] = async () => { await PutAsync("dots/kept/../gone"); return new { listed = await ListedAsync("dots/") }; },
        ["copy"] = CopyAsync,
        ["sas"] = () => SignedAsync(null),
        ["sas-headers"] = () => SignedAsync(new() { ContentType = "text/x-other", ContentDisposition = "attachment; filename=\"a b.txt\"", CacheControl = "max-age=5" }),
        ["acl"] = AccessPolicyAsync,
    };

    private static DateTimeOffset InOneHour => TimeProvider.System.GetUtcNow().AddHours(1);

    private async Task<object?> CreateAsync()
    {
        _container.Metadata["purpose"] = "matrix";
        await _container.CreateAsync();
        await _container.FetchAttributesAsync();
        return new { metadata = _container.Metadata, again = await AttemptAsync(_container.CreateAsync) };
    }

    private async Task<object?> PutGetAsync()
    {
        var blob = Block("put-get");
        (blob.Properties.ContentType, blob.Properties.CacheControl, blob.Metadata["Colour"]) = ("text/x-matrix", "no-store", "blue");
        await blob.UploadFromByteArrayAsync(Content(100_000), 0, 100_000);
        var written = blob.Properties.ETag;
        var seen = Block("put-get");
        var same = await ReadAsync(seen) == Sha256(Content(100_000));
        return new
        {
            same,
            size = seen.Properties.Length,
            etag = seen.Properties.ETag == written,
            type = $"{seen.BlobType}",
            contentType = seen.Properties.ContentType,
            cache = seen.Properties.CacheControl,
            md5 = seen.Properties.ContentMD5,
            metadata = seen.Metadata,
        };
    }

    private async Task<object?> RangeAsync()
    {
        await PutAsync("range", Content(50_000));
        var part = new byte[5000];
        var read = await Block("range").DownloadRangeToByteArrayAsync(part, 0, 1000, 5000);
        return new { read, sha256 = Sha256(part) };
    }

    private async Task<object?> StagedAsync()
    {
        var blob = Block("staged");
        blob.StreamWriteSizeInBytes = 4 << 20;
        await blob.UploadFromByteArrayAsync(Content(70 << 20), 0, 70 << 20, null, new BlobRequestOptions { SingleBlobUploadThresholdInBytes = 4 << 20 }, null);
        var blocks = (await blob.DownloadBlockListAsync()).Count();
        var same = await ReadAsync(blob) == Sha256(Content(70 << 20));
        await blob.DeleteAsync();
        return new { blocks, same };
    }

    private async Task<object?> ListAsync()
    {
        foreach (var name in new[] { "list/a", "list/b", "list/deep/c" })
            await PutAsync(name);
        var pages = new List<object>();
        BlobContinuationToken? next = null;
        do
        {
            var page = await _container.ListBlobsSegmentedAsync("list/", true, BlobListingDetails.Metadata, 2, next, null, null);
            pages.Add(page.Results.Cast<CloudBlob>().Select(blob => new { blob.Name, blob.Properties.Length, blob.Metadata }).ToArray());
            next = page.ContinuationToken;
        }
        while (next is not null);
        var walk = (await _container.ListBlobsSegmentedAsync("list/", false, BlobListingDetails.None, null, null, null, null)).Results
            .Select(item => item is CloudBlobDirectory directory ? directory.Prefix : ((CloudBlob)item).Name).ToArray();
        var containers = (await client.ListContainersSegmentedAsync(containerName, null)).Results.Select(container => container.Name).ToArray();
        return new { pages, walk, containers };
    }

    private async Task<object?> DeleteAsync()
    {
        await PutAsync("delete");
        await Block("delete").DeleteAsync();
        return new { exists = await Block("delete").ExistsAsync(), again = await AttemptAsync(Block("delete").DeleteAsync), get = await AttemptAsync(() => ReadAsync(Block("delete"))) };
    }

    private async Task<object?> SnapshotAsync()
    {
        await PutAsync("snapshot", Bytes("old"));
        var taken = await Block("snapshot").CreateSnapshotAsync();
        await PutAsync("snapshot", Bytes("new"));
        var all = await _container.ListBlobsSegmentedAsync("snapshot", true, BlobListingDetails.Snapshots, null, null, null, null);
        return new
        {
            old = await ReadAsync(taken),
            @new = await ReadAsync(Block("snapshot")),
            listed = all.Results.Count(),
            delete = new[]
            {
                await AttemptAsync(Block("snapshot").DeleteAsync),
                await AttemptAsync(() => Block("snapshot").DeleteAsync(DeleteSnapshotsOption.IncludeSnapshots, null, null, null)),
            },
        };
    }

    private async Task<object?> LeaseAsync()
    {
        await PutAsync("lease");
        var blob = Block("lease");
        var held = AccessCondition.GenerateLeaseCondition(await blob.AcquireLeaseAsync(TimeSpan.FromSeconds(15), null));
        return new
        {
            without = await AttemptAsync(() => PutAsync("lease")),
            with = await AttemptAsync(() => blob.UploadTextAsync("y", Encoding.UTF8, held, null, null)),
            renew = await AttemptAsync(() => blob.RenewLeaseAsync(held)),
            second = await AttemptAsync(() => blob.AcquireLeaseAsync(TimeSpan.FromSeconds(15), null)),
            @break = await AttemptAsync(() => blob.BreakLeaseAsync(TimeSpan.Zero)),
            after = await AttemptAsync(() => PutAsync("lease")),
        };
    }

    private async Task<object?> ConditionalAsync()
    {
        await PutAsync("conditional");
        var blob = Block("conditional");
        await blob.FetchAttributesAsync();
        var etag = blob.Properties.ETag;
        return new
        {
            exists = await WriteIfAsync(AccessCondition.GenerateIfNotExistsCondition()),
            wrong = await WriteIfAsync(AccessCondition.GenerateIfMatchCondition("\"0x123\"")),
            right = await WriteIfAsync(AccessCondition.GenerateIfMatchCondition(etag)),
        };

        Task<object> WriteIfAsync(AccessCondition condition) => AttemptAsync(() => blob.UploadTextAsync("x", Encoding.UTF8, condition, null, null));
    }

    private async Task<object?> AppendAsync()
    {
        var blob = _container.GetAppendBlobReference("append");
        await blob.CreateOrReplaceAsync();
        foreach (var part in new[] { "one ", "two ", "three" })
            await blob.AppendTextAsync(part);
        return new { sha256 = await ReadAsync(blob), blocks = blob.Properties.AppendBlobCommittedBlockCount };
    }

    private async Task<object?> PageAsync()
    {
        var blob = _container.GetPageBlobReference("page");
        await blob.CreateAsync(4096);
        await blob.WritePagesAsync(new MemoryStream(Content(1024)), 512, null);
        await blob.ClearPagesAsync(512, 512);
        var ranges = (await blob.GetPageRangesAsync()).Select(range => new { range.StartOffset, range.EndOffset }).ToArray();
        await blob.ResizeAsync(8192);
        return new { sha256 = await ReadAsync(blob), ranges, size = blob.Properties.Length };
    }

    private async Task<object?> CopyAsync()
    {
        await PutAsync("copy/a source", Content(3000));
        var target = Block("copy/target");
        target.Metadata["copied"] = "yes";
        await target.StartCopyAsync(Block("copy/a source"));
        await target.FetchAttributesAsync();
        return new { status = $"{target.CopyState.Status}", sha256 = await ReadAsync(target), metadata = target.Metadata };
    }

    private async Task<object?> SignedAsync(SharedAccessBlobHeaders? headers)
    {
        var blob = Block("signed link");
        blob.Properties.ContentType = "text/plain";
        await blob.UploadFromByteArrayAsync(Content(2000), 0, 2000);
        var sas = blob.GetSharedAccessSignature(new SharedAccessBlobPolicy { Permissions = SharedAccessBlobPermissions.Read, SharedAccessExpiryTime = InOneHour }, headers);
        var signed = new CloudBlockBlob(new Uri(blob.Uri.AbsoluteUri + sas));
        return new { sha256 = await ReadAsync(signed), type = signed.Properties.ContentType, disposition = signed.Properties.ContentDisposition, cache = signed.Properties.CacheControl };
    }

    private async Task<object?> AccessPolicyAsync()
    {
        var permissions = new BlobContainerPermissions();
        permissions.SharedAccessPolicies.Add("readers", new SharedAccessBlobPolicy { Permissions = SharedAccessBlobPermissions.Read, SharedAccessExpiryTime = InOneHour });
        await _container.SetPermissionsAsync(permissions);
        return new { policies = (await _container.GetPermissionsAsync()).SharedAccessPolicies.Keys };
    }

    private CloudBlockBlob Block(string name) => _container.GetBlockBlobReference(name);

    private async Task<bool[]> RoundTripsAsync()
    {
        var same = new List<bool>();
        foreach (var name in Names)
            same.Add(await IsSameAsync(name));
        return [.. same];
    }

    private async Task<bool> IsSameAsync(string name)
    {
        await PutAsync(name, Bytes(name));
        return await ReadAsync(Block(name)) == Sha256(Bytes(name));
    }

    private Task PutAsync(string name, byte[]? content = null) => Block(name).UploadFromByteArrayAsync(content ?? Bytes("some content"), 0, content?.Length ?? 12);

    private async Task<string[]> ListedAsync(string prefix) =>
        [.. (await _container.ListBlobsSegmentedAsync(prefix, true, BlobListingDetails.None, null, null, null, null)).Results.Cast<CloudBlob>().Select(blob => blob.Name)];

    private static async Task<string> ReadAsync(CloudBlob blob)
    {
        using var content = new MemoryStream();
        await blob.DownloadToStreamAsync(content);
        return Sha256(content.ToArray());
    }

    private static async Task<object> AttemptAsync(Func<Task> work) => await Attempt.ResultOfAsync(async () => { await work(); return null; });

    private static string Sha256(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static byte[] Content(int size) => Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("tokenbroker ", size / 12 + 1))[..size]);
}
