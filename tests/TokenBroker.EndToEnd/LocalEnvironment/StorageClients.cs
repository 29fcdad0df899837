using Azure.Core.Pipeline;
using Azure.Storage;
using Azure.Storage.Blobs;
using TokenBroker.Local;

namespace TokenBroker.EndToEnd.Environments;

/// <summary>Blob clients that fail at once instead of trying again.</summary>
internal static class StorageClients
{
    /// <summary>What an application does: it knows the connection string and nothing else.</summary>
    public static BlobServiceClient Proxied(string connectionString) => new(connectionString, new BlobClientOptions { Retry = { MaxRetries = 0 } });

    /// <summary>Past the sidecar, with an account key.</summary>
    public static BlobServiceClient DirectWithKey(LocalEnvironment environment, string key) =>
        new(environment.StorageEndpoint, new StorageSharedKeyCredential(environment.AccountName, key), Direct(environment));

    /// <summary>Past the sidecar, with whatever the address itself carries.</summary>
    public static BlobContainerClient DirectByAddress(LocalEnvironment environment, Uri container) => new(container, Direct(environment));

    private static BlobClientOptions Direct(LocalEnvironment environment) => new()
    {
        Retry = { MaxRetries = 0 },
        Transport = new HttpClientTransport(TrustedConnection.CreateHandler(environment.CertificateAuthorityFile!)),
    };
}
