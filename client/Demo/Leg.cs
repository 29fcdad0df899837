using Azure.Core.Pipeline;
using Azure.Identity;
using Azure.Storage.Blobs;
using TokenBroker.Local;

namespace TokenBroker.Client.Demo;

/// <summary>One of the two ways to the same container.</summary>
internal sealed class Leg
{
    private static readonly TimeSpan RequestLimit = TimeSpan.FromSeconds(60);

    private Leg(string name, BlobServiceClient service)
    {
        Name = name;
        Container = service.GetBlobContainerClient("demo");
    }

    public string Name { get; }

    public BlobContainerClient Container { get; }

    /// <summary>The SDK as in Azure's own documentation: a managed identity credential, over https.</summary>
    public static Leg Direct(LocalEnvironment environment)
    {
        // Only this client trusts the certificate of this environment; no trust store is changed.
        var transport = new HttpClientTransport(TrustedConnection.CreateHandler(environment.CertificateAuthorityFile!));
        var credential = new ManagedIdentityCredential(new ManagedIdentityCredentialOptions(ManagedIdentityId.SystemAssigned)
        {
            Transport = new HttpClientTransport(new SocketsHttpHandler { UseProxy = false }),
        });
        return new Leg("direct", new BlobServiceClient(environment.StorageEndpoint, credential, WithoutRetries(transport)));
    }

    /// <summary>The SDK as in an application that has a connection string and does not know tokens.</summary>
    public static Leg Proxied(LocalEnvironment environment) =>
        new("proxied", new BlobServiceClient(environment.ConnectionString, WithoutRetries(transport: null)));

    // A retry would hide a failure, and its wait would count as the time of a request.
    private static BlobClientOptions WithoutRetries(HttpPipelineTransport? transport)
    {
        var options = new BlobClientOptions { Retry = { MaxRetries = 0, NetworkTimeout = RequestLimit } };
        if (transport is not null)
            options.Transport = transport;
        return options;
    }
}
