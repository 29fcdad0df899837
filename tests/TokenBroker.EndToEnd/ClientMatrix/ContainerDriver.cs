using System.Text.Json.Nodes;
using Azure.Storage;
using Azure.Storage.Blobs;

namespace TokenBroker.EndToEnd.ClientMatrix;

/// <summary>For a client that creates no containers: it finds one there.</summary>
internal sealed class ContainerDriver(Driver client) : Driver
{
    public override async Task<IReadOnlyDictionary<string, JsonObject>> RunAsync(Leg leg, string lines, string container)
    {
        var service = new BlobServiceClient(leg.Endpoint, new StorageSharedKeyCredential(leg.Account, leg.Key), DotNetDriver.Options(leg));
        await service.CreateBlobContainerAsync(container);
        return await client.RunAsync(leg, lines, container);
    }
}
