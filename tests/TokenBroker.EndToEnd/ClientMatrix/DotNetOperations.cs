using System.Text;
using Azure;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using static TokenBroker.EndToEnd.ClientMatrix.DotNetDriver;

namespace TokenBroker.EndToEnd.ClientMatrix;

/// <summary>Every operation of the matrix, as an application in .NET does it.</summary>
internal sealed partial class DotNetOperations(BlobServiceClient service, string containerName, BlobClientOptions options)
{
    private static readonly string[] Names =
        ["a space", "a+b", "100%", "50%2Fhalf", "a#b", "a?b=c", "grün/日本", "a//b", "trailing.", "a&b=c;d@e:f$g,h'(i)!j*k~l", "list/[x]"];

    private readonly BlobContainerClient _container = service.GetBlobContainerClient(containerName);

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
        ["tags"] = TagsAsync,
        ["append"] = AppendAsync,
        ["page"] = PageAsync,
        ["names"] = async () => new { same = await Task.WhenAll(Names.Select(IsSameAsync)), listed = Listed("").Where(Names.Contains) },
        ["name-leading-slash"] = async () => new { same = await IsSameAsync("/lead"), listed = Listed("").Where(name => name.Contains("lead", StringComparison.Ordinal)) },
        ["name-backslash"] = async () => new { same = await IsSameAsync("back\\slash"), listed = Listed("back") },
        ["name-dot-dot"] = async () => { await PutAsync("dots/kept/../gone"); return new { listed = Listed("dots/") }; },
        ["metadata-umlaut"] = async () => (await (await PutAsync("metadata", metadata: new() { ["note"] = "ü" })).GetPropertiesAsync()).Value.Metadata,
        ["copy"] = CopyAsync,
        ["copy-sync"] = CopySynchronouslyAsync,
        ["put-from-url"] = async () => await Block("from-url").SyncUploadFromUriAsync(await SourceAsync()) is null ? null : new { },
        ["block-from-url"] = async () => await Block("from-url/blocks").StageBlockFromUriAsync(await SourceAsync(), "MDE=") is null ? null : new { },
        ["append-from-url"] = AppendFromUrlAsync,
        ["page-from-url"] = PageFromUrlAsync,
        ["sas"] = () => SignedAsync(_ => { }),
        ["sas-headers"] = () => SignedAsync(sas => (sas.ContentType, sas.ContentDisposition, sas.CacheControl) = ("text/x-other", "attachment; filename=\"a b.txt\"", "max-age=5")),
        ["delegation-key"] = async () => new { value = (await service.GetUserDelegationKeyAsync(new BlobGetUserDelegationKeyOptions(Now.AddHours(1)) { StartsOn = Now.AddMinutes(-5) })).Value.Value.Length > 0 },
        ["account-info"] = async () => (await service.GetAccountInfoAsync()).Value is var info ? new { sku = $"{info.SkuName}", kind = $"{info.AccountKind}" } : null,
        ["acl"] = AccessPolicyAsync,
    };

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    private async Task<object?> CreateAsync()
    {
        var created = await _container.CreateAsync(metadata: new Dictionary<string, string> { ["purpose"] = "matrix" });
        var properties = await _container.GetPropertiesAsync();
        return new { status = created.GetRawResponse().Status, metadata = properties.Value.Metadata, again = await AttemptAsync(() => _container.CreateAsync()) };
    }

    private async Task<object?> PutGetAsync()
    {
        var content = Content(100_000);
        var headers = new BlobHttpHeaders { ContentType = "text/x-matrix", CacheControl = "no-store" };
        var written = await Blob("put-get").UploadAsync(content, new BlobUploadOptions { HttpHeaders = headers, Metadata = new Dictionary<string, string> { ["Colour"] = "blue" } });
        var seen = (await Blob("put-get").DownloadContentAsync()).Value;
        return new
        {
            same = Sha256(seen.Content) == Sha256(content),
            size = seen.Details.ContentLength,
            etag = seen.Details.ETag == written.Value.ETag,
            type = $"{seen.Details.BlobType}",
            contentType = seen.Details.ContentType,
            cache = seen.Details.CacheControl,
            md5 = seen.Details.ContentHash,
            metadata = seen.Details.Metadata,
        };
    }

    private async Task<object?> RangeAsync()
    {
        var blob = await PutAsync("range", Content(50_000));
        var part = await blob.DownloadContentAsync(new BlobDownloadOptions { Range = new HttpRange(1000, 5000) });
        return new { status = part.GetRawResponse().Status, sha256 = Sha256(part.Value.Content), range = part.Value.Details.ContentRange };
    }

    private async Task<object?> StagedAsync()
    {
        var content = Content(70 << 20);
        var blocks = new StorageTransferOptions { InitialTransferSize = 4 << 20, MaximumTransferSize = 4 << 20 };
        await Blob("staged").UploadAsync(content, new BlobUploadOptions { TransferOptions = blocks });
        var committed = (await Block("staged").GetBlockListAsync()).Value.CommittedBlocks.Count();
        var same = await ReadAsync(Blob("staged")) == Sha256(content);
        await Blob("staged").DeleteAsync();
        return new { blocks = committed, same };
    }

    private async Task<object?> ListAsync()
    {
        foreach (var name in new[] { "list/a", "list/b", "list/deep/c" })
            await PutAsync(name, new BinaryData("1234"), new() { ["of"] = "list" });
        var flat = _container.GetBlobs(new GetBlobsOptions { Prefix = "list/", Traits = BlobTraits.Metadata });
        var pages = flat.AsPages(pageSizeHint: 2).Select(page => page.Values.Select(blob => new { blob.Name, blob.Properties.ContentLength, blob.Metadata }).ToArray()).ToArray();
        var walk = _container.GetBlobsByHierarchy(new GetBlobsByHierarchyOptions { Prefix = "list/", Delimiter = "/" }).Select(item => item.IsPrefix ? item.Prefix : item.Blob.Name).ToArray();
        return new { pages, walk, containers = service.GetBlobContainers(prefix: _container.Name).Select(container => container.Name).ToArray() };
    }

    private async Task<object?> DeleteAsync()
    {
        var blob = await PutAsync("delete");
        await blob.DeleteAsync();
        return new { exists = (await blob.ExistsAsync()).Value, again = await AttemptAsync(() => blob.DeleteAsync()), get = await AttemptAsync(() => blob.DownloadContentAsync()) };
    }

    private async Task<object?> SnapshotAsync()
    {
        var blob = await PutAsync("snapshot", new BinaryData("old"));
        var taken = (await blob.CreateSnapshotAsync()).Value.Snapshot;
        await PutAsync("snapshot", new BinaryData("new"));
        return new
        {
            old = await ReadAsync(blob.WithSnapshot(taken)),
            @new = await ReadAsync(blob),
            listed = _container.GetBlobs(new GetBlobsOptions { Prefix = "snapshot", States = BlobStates.Snapshots }).Count(),
            delete = new[] { await AttemptAsync(() => blob.DeleteAsync()), await AttemptAsync(() => blob.DeleteAsync(DeleteSnapshotsOption.IncludeSnapshots)) },
        };
    }

    private async Task<object?> LeaseAsync()
    {
        var blob = await PutAsync("lease");
        var lease = blob.GetBlobLeaseClient();
        await lease.AcquireAsync(TimeSpan.FromSeconds(15));
        var holding = new BlobUploadOptions { Conditions = new BlobRequestConditions { LeaseId = lease.LeaseId } };
        return new
        {
            without = await AttemptAsync(() => PutAsync("lease")),
            with = await AttemptAsync(() => blob.UploadAsync(new BinaryData("y"), holding)),
            state = $"{(await blob.GetPropertiesAsync()).Value.LeaseState}",
            renew = await AttemptAsync(() => lease.RenewAsync()),
            change = await AttemptAsync(() => lease.ChangeAsync("11111111-2222-3333-4444-555555555555")),
            second = await AttemptAsync(() => blob.GetBlobLeaseClient().AcquireAsync(TimeSpan.FromSeconds(15))),
            @break = await AttemptAsync(() => lease.BreakAsync(TimeSpan.Zero)),
            after = await AttemptAsync(() => PutAsync("lease")),
        };
    }

    private async Task<object?> ConditionalAsync()
    {
        var blob = await PutAsync("conditional");
        var etag = (await blob.GetPropertiesAsync()).Value.ETag;
        return new
        {
            notModified = await AttemptAsync(() => ReadIfAsync(new BlobRequestConditions { IfNoneMatch = etag })),
            since = await AttemptAsync(() => ReadIfAsync(new BlobRequestConditions { IfModifiedSince = Now.AddHours(1) })),
            exists = await AttemptAsync(() => WriteIfAsync(new BlobRequestConditions { IfNoneMatch = ETag.All })),
            wrong = await AttemptAsync(() => WriteIfAsync(new BlobRequestConditions { IfMatch = new ETag("0x123") })),
            right = await AttemptAsync(() => WriteIfAsync(new BlobRequestConditions { IfMatch = etag })),
        };

        Task<Response<BlobDownloadResult>> ReadIfAsync(BlobRequestConditions conditions) => blob.DownloadContentAsync(new BlobDownloadOptions { Conditions = conditions });

        Task<Response<BlobContentInfo>> WriteIfAsync(BlobRequestConditions conditions) => blob.UploadAsync(new BinaryData("x"), new BlobUploadOptions { Conditions = conditions });
    }

    private async Task<object?> TagsAsync()
    {
        var blob = Blob("tags");
        await blob.UploadAsync(new BinaryData("tagged"), new BlobUploadOptions { Tags = new Dictionary<string, string> { ["stage"] = "first" } });
        var first = (await blob.GetTagsAsync()).Value.Tags;
        await blob.SetTagsAsync(new Dictionary<string, string> { ["stage"] = "second", ["a b"] = "c+d" });
        var stale = new BlobRequestConditions { TagConditions = "\"stage\" = 'first'" };
        return new { first, second = (await blob.GetTagsAsync()).Value.Tags, refused = await AttemptAsync(() => blob.DeleteAsync(conditions: stale)) };
    }

    private async Task<object?> AppendAsync()
    {
        var blob = _container.GetAppendBlobClient("append");
        await blob.CreateAsync();
        foreach (var part in new[] { "one ", "two ", "three" })
            await AppendAsync(part, null);
        return new
        {
            sha256 = await ReadAsync(blob),
            blocks = (await blob.GetPropertiesAsync()).Value.BlobCommittedBlockCount,
            position = await AttemptAsync(() => AppendAsync("x", new AppendBlobRequestConditions { IfAppendPositionEqual = 1 })),
        };

        Task<Response<BlobAppendInfo>> AppendAsync(string text, AppendBlobRequestConditions? conditions) =>
            blob.AppendBlockAsync(new MemoryStream(Encoding.UTF8.GetBytes(text)), new AppendBlobAppendBlockOptions { Conditions = conditions });
    }

    private async Task<object?> PageAsync()
    {
        var blob = _container.GetPageBlobClient("page");
        await blob.CreateAsync(4096);
        await blob.UploadPagesAsync(Content(1024).ToStream(), 512);
        await blob.ClearPagesAsync(new HttpRange(512, 512));
        var ranges = blob.GetAllPageRanges().Select(range => $"{range.Range}").ToArray();
        await blob.ResizeAsync(8192);
        return new { sha256 = await ReadAsync(blob), ranges, size = (await blob.GetPropertiesAsync()).Value.ContentLength };
    }

    private BlobClient Blob(string name) => _container.GetBlobClient(name);

    private BlockBlobClient Block(string name) => _container.GetBlockBlobClient(name);

    private async Task<BlobClient> PutAsync(string name, BinaryData? content = null, Dictionary<string, string>? metadata = null)
    {
        await Blob(name).UploadAsync(content ?? new BinaryData("some content"), new BlobUploadOptions { Metadata = metadata });
        return Blob(name);
    }

    private async Task<Uri> SourceAsync() => (await PutAsync("copy/a source", Content(3000))).Uri;

    private async Task<bool> IsSameAsync(string name) => (await PutAsync(name, new BinaryData(name))).Name == name && await ReadAsync(Blob(name)) == Sha256(new BinaryData(name));

    private string[] Listed(string prefix) => [.. _container.GetBlobs(new GetBlobsOptions { Prefix = prefix }).Select(blob => blob.Name)];

    private static async Task<string> ReadAsync(BlobBaseClient blob) => Sha256((await blob.DownloadContentAsync()).Value.Content);

    private static async Task<object> AttemptAsync<T>(Func<Task<T>> work) => await ResultOfAsync(async () => { await work(); return null; });

    private static BinaryData Content(int size) => new(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("tokenbroker ", size / 12 + 1)))[..size]);
}
