using TokenBroker.Upstream;

namespace TokenBroker.Proxy.Addressing;

/// <summary>The source of a copy: a blob of an account that is served, or an address elsewhere.</summary>
internal sealed class CopySource
{
    private CopySource(BlobRequest? blob, bool isAtSidecar, bool isSigned, IReadOnlyList<UpstreamAccount> lookAlikes) =>
        (Blob, IsAtSidecar, IsSigned, LookAlikes) = (blob, isAtSidecar, isSigned, lookAlikes);

    /// <summary>The blob, read as a GET of it; null if the source is elsewhere.</summary>
    public BlobRequest? Blob { get; }

    /// <summary>True if the client named it by the sidecar's address, which storage cannot reach.</summary>
    public bool IsAtSidecar { get; }

    /// <summary>True if its address has a signature.</summary>
    public bool IsSigned { get; }

    /// <summary>The accounts that storage may find at an address elsewhere.</summary>
    public IReadOnlyList<UpstreamAccount> LookAlikes { get; }

    public static CopySource Of(BlobRequest blob, bool isAtSidecar) => new(blob, isAtSidecar, blob.Query.HasSignature, []);

    public static CopySource Elsewhere(bool isSigned, IReadOnlyList<UpstreamAccount> lookAlikes) => new(null, false, isSigned, lookAlikes);

    /// <summary>
    /// The address of a served blob for storage: account, path, and which snapshot or version of the blob. A SAS and everything
    /// else is left out.
    /// </summary>
    /// <returns>The address; null if it would lead elsewhere.</returns>
    public static Uri? AddressOf(BlobRequest blob)
    {
        var query = "";
        foreach (var name in (ReadOnlySpan<string>)["snapshot", "versionid"])
        {
            if (blob.Query.RawValue(name) is { } value)
                query += $"{(query.Length == 0 ? '?' : '&')}{name}={value}";
        }

        return StorageAddress.TryBuild(blob.Endpoint, blob.Path.Raw, query, out var address) ? address : null;
    }
}
