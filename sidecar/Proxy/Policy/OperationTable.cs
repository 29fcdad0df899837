using System.Collections.Frozen;
using TokenBroker.Configuration;

namespace TokenBroker.Proxy.Policy;

/// <summary>What a request's path names.</summary>
internal enum RequestScope
{
    Account,
    Container,
    Blob,
}

/// <summary>How storage reads the source of a copy.</summary>
internal enum CopySourceRead
{
    /// <summary>The operation has no source, or storage reads it in the background by the request's own token.</summary>
    Background,

    /// <summary>Storage reads it while the request waits, and wants a token for the source.</summary>
    Awaited,

    /// <summary>Headers decide: one path has several operations.</summary>
    ByHeader,
}

/// <summary>One request of the Blob REST surface.</summary>
/// <param name="Scope">What its path names.</param>
/// <param name="Methods">Its methods, joined by <c>|</c>.</param>
/// <param name="RestType">Its <c>restype</c> in small letters; empty for none.</param>
/// <param name="Comp">Its <c>comp</c> in small letters; empty for none.</param>
/// <param name="Operations">What it does. <see cref="BlobOperations.Delegate"/> needs a policy that names it.</param>
/// <param name="Sas">What it demands of a SAS; null if no SAS allows it.</param>
/// <param name="Name">What the service's documents call it.</param>
internal sealed record OperationRow(
    RequestScope Scope, string Methods, string RestType, string Comp, BlobOperations Operations, SasNeed? Sas, string Name)
{
    /// <summary>Parameters and headers that change what it demands of a SAS. The last one that is given counts.</summary>
    public IReadOnlyList<SasVariant> SasVariants { get; init; } = [];

    /// <summary>True if it cannot overwrite with <c>If-None-Match: *</c>: it is only <see cref="BlobOperations.Create"/> then.</summary>
    public bool MayCreate { get; init; }

    /// <summary>True if it reaches a container that its path does not name: only the account's rights cover it.</summary>
    public bool ReachesFurther { get; init; }

    /// <summary>True if its body is a batch, whose parts are judged one by one.</summary>
    public bool IsBatch { get; init; }

    /// <summary>True if a batch may contain it. Storage takes these two operations there; neither has a body or a source.</summary>
    public bool InBatch { get; init; }

    /// <summary>How storage reads the source of a copy.</summary>
    public CopySourceRead Source { get; init; }

    /// <summary>
    /// True if a second run leaves what the first one left, so the request may be sent again after its connection was lost.
    /// <see cref="Rewriting.RepeatableRequest"/> has the conditions.
    /// </summary>
    public bool Repeats { get; init; }

    /// <summary>True if it hands out a credential: it needs a policy that names <c>delegate</c>.</summary>
    public bool NeedsPolicy => Operations.HasFlag(BlobOperations.Delegate);

    /// <summary>Tells whether storage reads the source while the request waits, and takes a token for it.</summary>
    /// <param name="headers">The request's headers.</param>
    public bool AwaitsSource(IHeaderDictionary headers) => Source switch
    {
        CopySourceRead.Awaited => true,
        // Copy Blob From URL has the first header, Put Blob From URL the second. Copy Blob has neither and runs in the background.
        CopySourceRead.ByHeader => headers["x-ms-requires-sync"].ToString().Equals("true", StringComparison.OrdinalIgnoreCase) || headers.ContainsKey("x-ms-blob-type"),
        _ => false,
    };
}

/// <summary>
/// The whole Blob REST surface: what each request does, for policies, and what it demands of a SAS. What has no row is unknown.
/// docs/security.md has the same rows.
/// </summary>
internal static class OperationTable
{
    private const string Get = "GET", Put = "PUT", Post = "POST", Del = "DELETE", GetOrHead = "GET|HEAD";

    private const BlobOperations None = BlobOperations.None, Read = BlobOperations.Read, List = BlobOperations.List,
        Create = BlobOperations.Create, Write = BlobOperations.Write, Delete = BlobOperations.Delete, Tag = BlobOperations.Tag,
        Delegate = BlobOperations.Delegate, Admin = BlobOperations.Admin, Unknown = BlobOperations.Unknown;

    /// <summary>Put Blob and its kind: the permission to create does not allow to overwrite.</summary>
    private static readonly SasNeed CreateOrWrite = SasNeed.Blob("cw") with { CreatesOnly = true };

    /// <summary>Headers that name another method to the servers that read them. No blob client sends one.</summary>
    public static string[] MethodOverrides { get; } = ["X-HTTP-Method", "X-HTTP-Method-Override", "X-Method-Override"];

    public static IReadOnlyList<OperationRow> Rows { get; } =
    [
        new(RequestScope.Account, Get, "", "list", Admin, SasNeed.Service("l"), "List Containers"),
        new(RequestScope.Account, Get, "", "blobs", Admin | Tag, new('o', "f", ""), "Find Blobs by Tags"),
        new(RequestScope.Account, Get, "service", "properties", Admin, SasNeed.Service("r"), "Get Blob Service Properties"),
        new(RequestScope.Account, Put, "service", "properties", Admin, SasNeed.Service("w"), "Set Blob Service Properties") { Repeats = true },
        new(RequestScope.Account, Get, "service", "stats", Admin, SasNeed.Service("r"), "Get Blob Service Stats"),
        new(RequestScope.Account, Post, "service", "userdelegationkey", Delegate, null, "Get User Delegation Key"),
        new(RequestScope.Account, GetOrHead, "account", "properties", Admin, new(null, SasNeed.Any, ""), "Get Account Information"),
        new(RequestScope.Account, Post, "", "batch", None, new(null, SasNeed.Any, ""), "Blob Batch") { IsBatch = true },

        new(RequestScope.Container, Put, "container", "", Admin, SasNeed.Container("cw"), "Create Container") { Repeats = true },
        new(RequestScope.Container, GetOrHead, "container", "", Read, SasNeed.Container("r"), "Get Container Properties"),
        new(RequestScope.Container, Del, "container", "", Admin, SasNeed.Container("d"), "Delete Container") { Repeats = true },
        new(RequestScope.Container, GetOrHead, "container", "metadata", Read, SasNeed.Container("r"), "Get Container Metadata"),
        new(RequestScope.Container, Put, "container", "metadata", Admin, SasNeed.Container("w"), "Set Container Metadata") { Repeats = true },
        new(RequestScope.Container, GetOrHead, "container", "acl", Admin, SasNeed.Container(""), "Get Container ACL"),
        new(RequestScope.Container, Put, "container", "acl", Admin, SasNeed.Container(""), "Set Container ACL") { Repeats = true },
        new(RequestScope.Container, Put, "container", "lease", Admin, SasNeed.Container("w"), "Lease Container") { SasVariants = [ToBreak(SasNeed.Container("wd"))] },
        new(RequestScope.Container, Put, "container", "undelete", Admin, SasNeed.Container("w"), "Restore Container") { ReachesFurther = true, Repeats = true },
        new(RequestScope.Container, Put, "container", "rename", Admin, null, "Rename Container") { ReachesFurther = true },
        new(RequestScope.Container, Get, "container", "list", List, SasNeed.InContainer("l"), "List Blobs"),
        new(RequestScope.Container, Get, "container", "blobs", List | Tag, SasNeed.InContainer("f"), "Find Blobs by Tags in Container"),
        new(RequestScope.Container, GetOrHead, "account", "properties", Admin, new(null, SasNeed.Any, "r"), "Get Account Information"),
        new(RequestScope.Container, Post, "container", "session", Delegate, null, "Create Session"),
        new(RequestScope.Container, Post, "container", "batch", None, new(null, SasNeed.Any, SasNeed.Any), "Blob Batch") { IsBatch = true },

        new(RequestScope.Blob, GetOrHead, "", "", Read, SasNeed.Blob("r"), "Get Blob, Get Blob Properties"),
        new(RequestScope.Blob, Put, "", "", Write, CreateOrWrite, "Put Blob, Put Blob From URL, Copy Blob, Copy Blob From URL") { MayCreate = true, Repeats = true, Source = CopySourceRead.ByHeader },
        new(RequestScope.Blob, Del, "", "", Delete, SasNeed.Blob("d"), "Delete Blob, its snapshots and versions")
        {
            SasVariants = [new("versionid", null, SasNeed.Blob("x"), InQuery: true), new("deletetype", null, SasNeed.Blob("y"), InQuery: true)],
            InBatch = true,
            Repeats = true,
        },
        new(RequestScope.Blob, GetOrHead, "", "metadata", Read, SasNeed.Blob("r"), "Get Blob Metadata"),
        new(RequestScope.Blob, Put, "", "metadata", Write, SasNeed.Blob("w"), "Set Blob Metadata") { Repeats = true },
        new(RequestScope.Blob, Put, "", "properties", Write, SasNeed.Blob("w"), "Set Blob Properties") { Repeats = true },
        new(RequestScope.Blob, Put, "", "lease", Write, SasNeed.Blob("w"), "Lease Blob") { SasVariants = [ToBreak(SasNeed.Blob("wd"))] },
        new(RequestScope.Blob, Put, "", "snapshot", Write, SasNeed.Blob("cw"), "Snapshot Blob"),
        new(RequestScope.Blob, Put, "", "undelete", Write, SasNeed.Blob("w"), "Undelete Blob") { Repeats = true },
        new(RequestScope.Blob, Put, "", "tier", Write, SasNeed.Blob("w"), "Set Blob Tier") { InBatch = true, Repeats = true },
        new(RequestScope.Blob, Put, "", "copy", Write, SasNeed.Blob("w"), "Abort Copy Blob"),
        new(RequestScope.Blob, Put, "", "block", Create, SasNeed.Blob("w"), "Put Block, Put Block From URL") { Repeats = true, Source = CopySourceRead.Awaited },
        new(RequestScope.Blob, Get, "", "blocklist", Read, SasNeed.Blob("r"), "Get Block List"),
        new(RequestScope.Blob, Put, "", "blocklist", Write, SasNeed.Blob("w"), "Put Block List") { MayCreate = true },
        new(RequestScope.Blob, Put, "", "page", Write, SasNeed.Blob("w"), "Put Page, Put Page From URL") { Repeats = true, Source = CopySourceRead.Awaited },
        new(RequestScope.Blob, Get, "", "pagelist", Read, SasNeed.Blob("r"), "Get Page Ranges"),
        new(RequestScope.Blob, Put, "", "incrementalcopy", Write, CreateOrWrite, "Incremental Copy Blob"),
        new(RequestScope.Blob, Put, "", "appendblock", Write, SasNeed.Blob("aw"), "Append Block, Append Block From URL") { Source = CopySourceRead.Awaited },
        new(RequestScope.Blob, Put, "", "seal", Write, SasNeed.Blob("w"), "Append Blob Seal"),
        new(RequestScope.Blob, Post, "", "query", Read, SasNeed.Blob("r"), "Query Blob Contents"),
        new(RequestScope.Blob, Get, "", "tags", Tag, SasNeed.Blob("t"), "Get Blob Tags"),
        new(RequestScope.Blob, Put, "", "tags", Tag, SasNeed.Blob("t"), "Set Blob Tags"),
        new(RequestScope.Blob, Put, "", "expiry", Write | Delete, SasNeed.Blob("w"), "Set Blob Expiry"),
        new(RequestScope.Blob, Put, "", "immutabilitypolicies", Admin, SasNeed.Blob("i"), "Set Blob Immutability Policy"),
        new(RequestScope.Blob, Del, "", "immutabilitypolicies", Admin, SasNeed.Blob("i"), "Delete Blob Immutability Policy") { Repeats = true },
        new(RequestScope.Blob, Put, "", "legalhold", Admin, SasNeed.Blob("i"), "Set Blob Legal Hold"),
        new(RequestScope.Blob, GetOrHead, "account", "properties", Admin, new(null, SasNeed.Any, "r"), "Get Account Information"),
    ];

    private static readonly FrozenDictionary<(RequestScope, string, string, string), OperationRow> ByRequest = Rows
        .SelectMany(row => row.Methods.Split('|').Select(method => (Key: (row.Scope, method, row.RestType, row.Comp), row)))
        .ToFrozenDictionary(pair => pair.Key, pair => pair.row);

    /// <summary>What headers and query parameters add to any operation, for policies and for SAS alike.</summary>
    public static IReadOnlyList<OperationAddition> Additions => AllAdditions;

    private static readonly OperationAddition[] AllAdditions =
    [
        new("include", Tag, "t", InQuery: true) { Word = "tags" }, // of List Blobs
        new("x-ms-tags", Tag, "t"),
        new("x-ms-if-tags", Tag, "t"), // whether the condition holds tells what the tags are
        new("x-ms-source-if-tags", Tag, "t") { ConcernsSource = true },
        new("x-ms-copy-source-tag-option", Tag, "t") { Except = "REPLACE", ConcernsSource = true },
        new("x-ms-expiry-option", Delete, "w"), // as for Set Blob Expiry itself
        new("x-ms-legal-hold", Admin, "i"),
        new("x-ms-immutability-policy-until-date", Admin, "i"),
        new("x-ms-immutability-policy-mode", Admin, "i"),
        new("x-ms-rename-source", Unknown, ""), // the data lake's protocol
        .. MethodOverrides.Select(header => new OperationAddition(header, Unknown, "")),
    ];

    /// <returns>The row; null if there is none.</returns>
    public static OperationRow? Find(RequestScope scope, string method, string restType, string comp) =>
        ByRequest.GetValueOrDefault((scope, method, restType, comp));

    /// <summary>
    /// The row that a request names, in any spelling and whatever else its query contains. It decides how a request is carried
    /// out; what a request may do is decided by <see cref="RequestedOperation"/>, which refuses spellings that have two readings.
    /// </summary>
    /// <returns>The row; null if there is none.</returns>
    public static OperationRow? Named(BlobRequest request) => request.Scope is { } scope
        ? Find(scope, request.Method, request.RestType?.ToLowerInvariant() ?? "", request.Comp?.ToLowerInvariant() ?? "")
        : null;

    /// <summary>What the additions of a request allow it to do besides its operation.</summary>
    public static BlobOperations Added(BlobRequest request, bool bySourceOnly = false)
    {
        var operations = BlobOperations.None;
        foreach (var addition in AllAdditions)
        {
            if ((!bySourceOnly || addition.ConcernsSource) && addition.IsIn(request))
                operations |= addition.Operations;
        }

        return operations;
    }

    /// <summary>The permission to delete allows to break a lease, and nothing else about leases.</summary>
    private static SasVariant ToBreak(SasNeed need) => new("x-ms-lease-action", "break", need);
}
