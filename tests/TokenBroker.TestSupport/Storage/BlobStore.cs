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

    public bool Create(string name) => _containers.TryAdd(name, new StoredContainer());

    public bool Delete(string name) => _containers.TryRemove(name, out _);
}

internal sealed class StoredContainer
{
    public string ETag { get; } = StoredBlob.NewETag();

    public DateTimeOffset LastModified { get; } = TimeProvider.System.GetUtcNow();

    public ConcurrentDictionary<string, StoredBlob> Blobs { get; } = new();

    /// <summary>Blocks put and not yet committed, by blob and block id.</summary>
    public ConcurrentDictionary<(string Blob, string Id), BlobContent> Blocks { get; } = new();
}

/// <summary>A blob as it is stored.</summary>
public sealed class StoredBlob
{
    internal StoredBlob(BlobContent content, IReadOnlyDictionary<string, string> headers) => (Content, Headers) = (content, headers);

    public string ETag { get; } = NewETag();

    public DateTimeOffset LastModified { get; } = TimeProvider.System.GetUtcNow();

    public long Length => Content.Length;

    /// <summary>Content type and the like, and metadata, under the names in which they are answered.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; }

    internal BlobContent Content { get; }

    /// <summary>The bytes, if they were kept.</summary>
    public byte[]? ToArray() => (Content as KeptContent)?.ToArray();

    internal static string NewETag() => $"\"0x8D{Guid.NewGuid().ToString("N")[..13].ToUpperInvariant()}\"";
}
