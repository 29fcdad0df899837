using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Azure.Storage.Sas;
using static TokenBroker.EndToEnd.ClientMatrix.DotNetDriver;

namespace TokenBroker.EndToEnd.ClientMatrix;

/// <summary>The operations that name another blob or make rights of their own.</summary>
internal sealed partial class DotNetOperations
{
    private async Task<object?> CopyAsync()
    {
        var target = Blob("copy/target");
        var copying = await target.StartCopyFromUriAsync(await SourceAsync(), new BlobCopyFromUriOptions { Metadata = new Dictionary<string, string> { ["copied"] = "yes" } });
        await copying.WaitForCompletionAsync();
        var properties = (await target.GetPropertiesAsync()).Value;
        return new { status = $"{properties.CopyStatus}", sha256 = await ReadAsync(target), metadata = properties.Metadata };
    }

    private async Task<object?> CopySynchronouslyAsync()
    {
        var target = Blob("copy/synchronous");
        var copied = await target.SyncCopyFromUriAsync(await SourceAsync());
        return new { status = $"{copied.Value.CopyStatus}", sha256 = await ReadAsync(target) };
    }

    private async Task<object?> AppendFromUrlAsync()
    {
        var target = _container.GetAppendBlobClient("from-url/append");
        await target.CreateAsync();
        await target.AppendBlockFromUriAsync(await SourceAsync());
        return null;
    }

    private async Task<object?> PageFromUrlAsync()
    {
        var target = _container.GetPageBlobClient("from-url/page");
        await target.CreateAsync(512);
        await target.UploadPagesFromUriAsync(await SourceAsync(), new HttpRange(0, 512), new HttpRange(0, 512));
        return null;
    }

    private async Task<object?> SignedAsync(Action<BlobSasBuilder> prepare)
    {
        var blob = Blob("signed link");
        await blob.UploadAsync(Content(2000), new BlobUploadOptions { HttpHeaders = new BlobHttpHeaders { ContentType = "text/plain" } });
        var sas = new BlobSasBuilder(BlobSasPermissions.Read, Now.AddHours(1)) { BlobContainerName = _container.Name, BlobName = blob.Name };
        prepare(sas);
        var read = (await new BlobClient(blob.GenerateSasUri(sas), options).DownloadContentAsync()).Value;
        return new { sha256 = Sha256(read.Content), type = read.Details.ContentType, disposition = read.Details.ContentDisposition, cache = read.Details.CacheControl };
    }

    private async Task<object?> AccessPolicyAsync()
    {
        var policy = new BlobAccessPolicy { PolicyStartsOn = Now, PolicyExpiresOn = Now.AddDays(1), Permissions = "r" };
        await _container.SetAccessPolicyAsync(permissions: [new BlobSignedIdentifier { Id = "readers", AccessPolicy = policy }]);
        return new { policies = (await _container.GetAccessPolicyAsync()).Value.SignedIdentifiers.Select(identifier => identifier.Id).ToArray() };
    }
}
