using System.Collections.Immutable;

namespace TokenBroker.TestSupport.Storage;

public enum BlobType
{
    BlockBlob,
    AppendBlob,
    PageBlob,
}

/// <summary>A blob as it is stored. Never changed: a change makes a new one, so that a snapshot is the old one kept.</summary>
public sealed record StoredBlob
{
    internal StoredBlob(BlobContent content, IReadOnlyDictionary<string, string> headers) => (Content, Headers) = (content, headers);

    public BlobType Type { get; internal init; }

    public string ETag { get; private init; } = NewETag();

    public DateTimeOffset LastModified { get; private init; } = TimeProvider.System.GetUtcNow();

    public DateTimeOffset Created { get; internal init; } = TimeProvider.System.GetUtcNow();

    public long Length => Content.Length;

    /// <summary>Content type and the like, and metadata, under the names in which they are answered.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; internal init; }

    public IReadOnlyDictionary<string, string> Tags { get; internal init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>The access tier that was set, or null for the account's own.</summary>
    public string? Tier { get; internal init; }

    /// <summary>How many blocks were appended; only of an append blob.</summary>
    public int AppendedBlocks { get; internal init; }

    /// <summary>Only of a page blob.</summary>
    public long SequenceNumber { get; internal init; }

    /// <summary>The copy that made this blob, or null.</summary>
    internal CopyRecord? Copy { get; init; }

    internal BlobContent Content { get; init; }

    /// <summary>The bytes, if they were kept.</summary>
    public byte[]? ToArray() => Content.IsKept ? Content.ToArray() : null;

    /// <summary>The same under a new ETag and time; what it changes besides is said by <c>with</c>.</summary>
    internal StoredBlob Changed() => this with { ETag = NewETag(), LastModified = TimeProvider.System.GetUtcNow() };

    internal static string NewETag() => $"\"0x8D{Guid.NewGuid().ToString("N")[..13].ToUpperInvariant()}\"";
}

/// <summary>What a blob tells of the copy that made it.</summary>
internal sealed record CopyRecord(string Id, string Source, DateTimeOffset Completed);
