using System.Collections.Concurrent;

namespace TokenBroker.TestSupport.Storage;

/// <summary>The containers of one account.</summary>
internal sealed class BlobStore
{
    private readonly ConcurrentDictionary<string, StoredContainer> _containers = new();

    /// <summary>The blobs called <c>pattern-N</c>, kept once asked for, so that their ETag stays.</summary>
    public ConcurrentDictionary<long, StoredBlob> Patterns { get; } = new();

    public IEnumerable<string> Names => _containers.Keys.Order(StringComparer.Ordinal);

    public StoredContainer? Find(string name) => _containers.GetValueOrDefault(name);

    public bool Create(string name, StoredContainer container) => _containers.TryAdd(name, container);

    public bool Delete(string name) => _containers.TryRemove(name, out _);
}

internal sealed class StoredContainer
{
    public string ETag { get; set; } = StoredBlob.NewETag();

    public DateTimeOffset LastModified { get; set; } = TimeProvider.System.GetUtcNow();

    /// <summary>Its metadata, under the names of the headers.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; set; } = new Dictionary<string, string>();

    /// <summary>Its blobs may be read without a credential: as sources of copies, since the stub lets nobody else in without.</summary>
    public bool IsPublic { get; init; }

    public ConcurrentDictionary<string, StoredBlob> Blobs { get; } = new();

    /// <summary>By blob and by the time that <c>snapshot=</c> names.</summary>
    public ConcurrentDictionary<(string Blob, string Time), StoredBlob> Snapshots { get; } = new();

    /// <summary>Blocks put and not yet committed, by blob and block id.</summary>
    public ConcurrentDictionary<(string Blob, string Id), BlobContent> Blocks { get; } = new();

    /// <summary>By blob; the container's own under the empty name.</summary>
    public ConcurrentDictionary<string, Lease> Leases { get; } = new();

    /// <summary>Held from the check of a condition or lease to the change that it allows.</summary>
    public Lock Changing { get; } = new();
}
