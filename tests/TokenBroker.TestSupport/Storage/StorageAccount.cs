using System.Collections.Concurrent;

namespace TokenBroker.TestSupport.Storage;

/// <summary>One account of the stub, and what it thinks of tokens. Settings may change while it runs: Azure's do as well.</summary>
public sealed class StorageAccount(string name)
{
    private readonly ConcurrentDictionary<string, byte> _expired = new();

    public string Name { get; } = name;

    /// <summary>The audience a token must name; the account's own address on Azure is taken as well.</summary>
    public string Audience { get; set; } = "https://storage.azure.com";

    /// <summary>The issuer a token must come from, or null for any tenant. A wrong one is answered with 401 "Issuer validation failed".</summary>
    public string? Issuer { get; set; }

    /// <summary>Takes any word for a token if it is not a JWT, for tests in which tokens have no content.</summary>
    public bool TakesOpaqueTokens { get; set; }

    /// <summary>"Secure transfer required", Azure's default: plain http is 400 AccountRequiresHttps. Off here, since only tests of it care.</summary>
    public bool RequiresHttps { get; set; }

    /// <summary>Off: bodies are hashed while they are read and not kept, so that a test of memory measures the sidecar and not the stub.</summary>
    public bool KeepsContent { get; set; } = true;

    /// <summary>
    /// The one <c>sig</c> that opens this account's blobs as sources of a copy; null opens none. The stub has no key to compute
    /// it by, and a SAS made with a dummy key must be seen to fail.
    /// </summary>
    public string? SourceSignature { get; set; }

    internal BlobStore Store { get; } = new();

    /// <summary>From now on this token is answered as an expired one, whatever its own text says.</summary>
    public void Expire(string token) => _expired[token] = 0;

    /// <summary>Makes a container without a request.</summary>
    /// <param name="isPublic">Its blobs may be sources of a copy without a credential. Reads need the bearer all the same: the sidecar always sends it.</param>
    public void CreateContainer(string container, bool isPublic = false) => Store.Create(container, new StoredContainer { IsPublic = isPublic });

    /// <summary>What is stored under a name (decoded), or null.</summary>
    public StoredBlob? Blob(string container, string blob) => Store.Find(container)?.Blobs.GetValueOrDefault(blob);

    internal bool HasExpired(string token) => _expired.ContainsKey(token);
}
