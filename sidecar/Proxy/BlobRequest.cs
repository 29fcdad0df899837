using TokenBroker.Proxy.Addressing;
using TokenBroker.Proxy.Policy;

namespace TokenBroker.Proxy;

/// <summary>
/// One reading of a request: the client's own, one part of a batch, or the source of a copy. <see cref="Router"/> builds it from
/// method, raw target, Host and headers. Every later step reads account, container, blob, query and operation here.
/// </summary>
internal sealed class BlobRequest
{
    private RequestedOperation? _operation;
    private OperationRow? _row;

    /// <param name="account">The account.</param>
    /// <param name="secondary">True if the client asked for the read-only secondary.</param>
    /// <param name="method">The method.</param>
    /// <param name="signedPath">The raw path as the client wrote and signed it: in path-style with the account.</param>
    /// <param name="path">The raw path behind the account.</param>
    /// <param name="query">The query.</param>
    /// <param name="headers">The headers.</param>
    public BlobRequest(
        UpstreamAccount account, bool secondary, string method, string signedPath, BlobPath path, BlobQuery query, IHeaderDictionary headers)
    {
        (Account, Secondary, Method, SignedPath, Path, Query, Headers) = (account, secondary, method, signedPath, path, query, headers);
        (RestType, Comp) = (query["restype"], query["comp"]);
        // One segment is a container if restype says so or asks for the account's properties there. Otherwise it is a blob of the root container.
        Scope = path.IsAccount ? RequestScope.Account
            : path.HasBlob ? RequestScope.Blob
            : RestType is not null ? RequestScope.Container
            : path.HasRest ? null
            : RequestScope.Blob;
        Container = Scope == RequestScope.Container ? path.First : path.ContainerOfBlob;
    }

    public UpstreamAccount Account { get; }

    /// <summary>True if the client asked for the read-only secondary.</summary>
    public bool Secondary { get; }

    public string Method { get; }

    /// <summary>The raw path as the client wrote and signed it: in path-style with the account.</summary>
    public string SignedPath { get; }

    /// <summary>The raw path behind the account.</summary>
    public BlobPath Path { get; }

    public BlobQuery Query { get; }

    public IHeaderDictionary Headers { get; }

    /// <summary>The value of <c>restype</c>, decoded once; null if it is missing.</summary>
    public string? RestType { get; }

    /// <summary>The value of <c>comp</c>, decoded once; null if it is missing.</summary>
    public string? Comp { get; }

    /// <summary>What the path names; null if it could be a container or a blob without a name.</summary>
    public RequestScope? Scope { get; }

    /// <summary>The container as storage reads it; null if the path names the account.</summary>
    public string? Container { get; }

    /// <summary>The blob's name as the client wrote it; empty if the path names none.</summary>
    public ReadOnlySpan<char> RawBlob => IsRootBlob ? Path.RawFirst : Path.RawRest;

    /// <summary>The endpoint of storage that the request goes to.</summary>
    /// <exception cref="InvalidOperationException">The secondary has none. The router has refused the request.</exception>
    public Uri Endpoint => !Secondary ? Account.Endpoint
        : Account.SecondaryEndpoint ?? throw new InvalidOperationException("A request for a secondary without an address must not be sent.");

    /// <summary>The row of the operation table that the request names in any spelling; null if there is none.</summary>
    public OperationRow? Row => _row ??= OperationTable.Named(this);

    /// <summary>True if storage reads the source of this copy while the request waits, and takes a token for it.</summary>
    public bool AwaitsSource => Row?.AwaitsSource(Headers) == true;

    /// <summary>What the request wants to do, as it will be sent. Read when it is first needed, and not again.</summary>
    public RequestedOperation Operation => _operation ??= RequestedOperation.Of(this);

    private bool IsRootBlob => Scope == RequestScope.Blob && !Path.HasRest;

    /// <returns>The header's value, several values joined to one text; null if it is missing.</returns>
    public string? Header(string name) => Headers.TryGetValue(name, out var values) ? values.ToString() : null;

    /// <summary>The same request with the condition that it overwrites nothing, and its operation read again.</summary>
    public BlobRequest OnlyCreating()
    {
        Headers.IfNoneMatch = "*";
        return new(Account, Secondary, Method, SignedPath, Path, Query, Headers);
    }
}
