using System.Security.Cryptography.X509Certificates;
using Azure.Core.Pipeline;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Sas;
using TokenBroker.EndToEnd.ClientMatrix;
using TokenBroker.EndToEnd.Sidecars;

namespace TokenBroker.EndToEnd.CallerKey;

/// <summary>The built sidecar with a caller key, over http or https, before a strict storage.</summary>
internal sealed class KeyedScene : IAsyncDisposable
{
    private KeyedScene(Scene scene, string key) => (Scene, Credential) = (scene, new(Scene.Account, key));

    public Scene Scene { get; }

    /// <summary>What clients sign with.</summary>
    public StorageSharedKeyCredential Credential { get; }

    /// <summary>The container at the sidecar, without a credential.</summary>
    public Uri Container => Scene.Sidecar.At($"{Scene.Account}/{Scene.Container}");

    public static async Task<KeyedScene> StartAsync(string scheme = "http")
    {
        var key = CallerKeyRuns.NewKey();
        var scene = await Scene.StartAsync(prepare: (scene, settings) =>
        {
            var file = scene.Directory.File("caller.key");
            File.WriteAllText(file, key);
            IReadOnlyList<string> arguments = ["--caller-key", file];
            if (scheme == "http")
                return settings with { Arguments = arguments };
            var files = scene.Storage.Certificates!.WriteTo(scene.Directory.Path);
            return settings with { Listen = "https://127.0.0.1:0", Arguments = [.. arguments, "--tls-cert", files.Server, "--tls-key", files.ServerKey] };
        });
        return new(scene, key);
    }

    /// <summary>The container's address with a SAS of it, as one hands it to somebody.</summary>
    public Uri Signed(BlobContainerSasPermissions permissions, SasProtocol protocol = SasProtocol.None)
    {
        var sas = new BlobSasBuilder(permissions, TimeProvider.System.GetUtcNow().AddHours(1)) { BlobContainerName = Scene.Container, Resource = "c", Protocol = protocol };
        return new($"{Container}?{sas.ToSasQueryParameters(Credential)}");
    }

    /// <summary>The real library, which trusts what the sidecar's certificate comes from and nothing else. It tries once.</summary>
    public BlobClientOptions Options
    {
        get
        {
            var handler = new SocketsHttpHandler { UseProxy = false };
            handler.SslOptions.CertificateChainPolicy = new()
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                CustomTrustStore = { Scene.Storage.Certificates!.Authority },
            };
            return new() { Transport = new HttpClientTransport(new HttpClient(handler)), Retry = { MaxRetries = 0 } };
        }
    }

    public ValueTask DisposeAsync() => Scene.DisposeAsync();
}
