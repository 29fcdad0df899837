using TokenBroker.Upstream;

namespace TokenBroker.Proxy.Rewriting;

/// <summary>A blob of an account that is served, as the source of a copy.</summary>
/// <param name="Blob">The blob, read as a GET of it.</param>
/// <param name="IsAtSidecar">True if the client named it by the sidecar's address, which storage cannot reach.</param>
internal sealed record CopySource(BlobRequest Blob, bool IsAtSidecar)
{
    /// <summary>
    /// The address for storage: account, path, and which snapshot or version of the blob. A SAS and everything else is left out.
    /// </summary>
    public Uri? Address()
    {
        var query = "";
        foreach (var name in (ReadOnlySpan<string>)["snapshot", "versionid"])
        {
            if (Blob.Query.RawValue(name) is { } value)
                query += $"{(query.Length == 0 ? '?' : '&')}{name}={value}";
        }

        return StorageAddress.TryBuild(Blob.Endpoint, Blob.Path.Raw, query, out var address) ? address : null;
    }
}
