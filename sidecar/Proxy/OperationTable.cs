using System.Collections.Frozen;
using TokenBroker.Configuration;

namespace TokenBroker.Proxy;

/// <summary>What a request's path names.</summary>
internal enum RequestScope
{
    Account,
    Container,
    Blob,
}

/// <summary>One request of the Blob REST surface.</summary>
/// <param name="Scope">What its path names.</param>
/// <param name="Methods">Its methods, joined by <c>|</c>.</param>
/// <param name="RestType">Its <c>restype</c> in small letters; empty for none.</param>
/// <param name="Comp">Its <c>comp</c> in small letters; empty for none.</param>
/// <param name="Operations">What it wants to do.</param>
/// <param name="Name">What the service's documents call it.</param>
internal sealed record OperationRow(
    RequestScope Scope, string Methods, string RestType, string Comp, BlobOperations Operations, string Name)
{
    /// <summary>True if it cannot overwrite with <c>If-None-Match: *</c>: then it is <see cref="BlobOperations.Create"/> alone.</summary>
    public bool MayCreate { get; init; }

    /// <summary>True if it reaches a container that its path does not name: it is then the account's matter.</summary>
    public bool ReachesFurther { get; init; }
}

/// <summary>
/// The whole Blob REST surface, and what each request of it wants to do. What has no row is unknown. docs/security.md has the
/// same rows.
/// </summary>
internal static class OperationTable
{
    private const string Get = "GET", Put = "PUT", Post = "POST", Del = "DELETE", GetOrHead = "GET|HEAD";

    private const BlobOperations None = BlobOperations.None, Read = BlobOperations.Read, List = BlobOperations.List,
        Create = BlobOperations.Create, Write = BlobOperations.Write, Delete = BlobOperations.Delete, Tag = BlobOperations.Tag,
        Delegate = BlobOperations.Delegate, Admin = BlobOperations.Admin, Unknown = BlobOperations.Unknown;

    public static IReadOnlyList<OperationRow> Rows { get; } =
    [
        new(RequestScope.Account, Get, "", "list", Admin, "List Containers"),
        new(RequestScope.Account, Get, "", "blobs", Admin | Tag, "Find Blobs by Tags"),
        new(RequestScope.Account, Get, "service", "properties", Admin, "Get Blob Service Properties"),
        new(RequestScope.Account, Put, "service", "properties", Admin, "Set Blob Service Properties"),
        new(RequestScope.Account, Get, "service", "stats", Admin, "Get Blob Service Stats"),
        new(RequestScope.Account, Post, "service", "userdelegationkey", Delegate, "Get User Delegation Key"),
        new(RequestScope.Account, GetOrHead, "account", "properties", Admin, "Get Account Information"),
        new(RequestScope.Account, Post, "", "batch", None, "Blob Batch"),

        new(RequestScope.Container, Put, "container", "", Admin, "Create Container"),
        new(RequestScope.Container, GetOrHead, "container", "", Read, "Get Container Properties"),
        new(RequestScope.Container, Del, "container", "", Admin, "Delete Container"),
        new(RequestScope.Container, GetOrHead, "container", "metadata", Read, "Get Container Metadata"),
        new(RequestScope.Container, Put, "container", "metadata", Admin, "Set Container Metadata"),
        new(RequestScope.Container, GetOrHead, "container", "acl", Admin, "Get Container ACL"),
        new(RequestScope.Container, Put, "container", "acl", Admin, "Set Container ACL"),
        new(RequestScope.Container, Put, "container", "lease", Admin, "Lease Container"),
        new(RequestScope.Container, Put, "container", "undelete", Admin, "Restore Container") { ReachesFurther = true },
        new(RequestScope.Container, Put, "container", "rename", Admin, "Rename Container") { ReachesFurther = true },
        new(RequestScope.Container, Get, "container", "list", List, "List Blobs"),
        new(RequestScope.Container, Get, "container", "blobs", List | Tag, "Find Blobs by Tags in Container"),
        new(RequestScope.Container, GetOrHead, "account", "properties", Admin, "Get Account Information"),
        new(RequestScope.Container, Post, "container", "batch", None, "Blob Batch"),

        new(RequestScope.Blob, GetOrHead, "", "", Read, "Get Blob, Get Blob Properties"),
        new(RequestScope.Blob, Put, "", "", Write, "Put Blob, Put Blob From URL, Copy Blob, Copy Blob From URL") { MayCreate = true },
        new(RequestScope.Blob, Del, "", "", Delete, "Delete Blob, its snapshots and versions"),
        new(RequestScope.Blob, GetOrHead, "", "metadata", Read, "Get Blob Metadata"),
        new(RequestScope.Blob, Put, "", "metadata", Write, "Set Blob Metadata"),
        new(RequestScope.Blob, Put, "", "properties", Write, "Set Blob Properties"),
        new(RequestScope.Blob, Put, "", "lease", Write, "Lease Blob"),
        new(RequestScope.Blob, Put, "", "snapshot", Write, "Snapshot Blob"),
        new(RequestScope.Blob, Put, "", "undelete", Write, "Undelete Blob"),
        new(RequestScope.Blob, Put, "", "tier", Write, "Set Blob Tier"),
        new(RequestScope.Blob, Put, "", "copy", Write, "Abort Copy Blob"),
        new(RequestScope.Blob, Put, "", "block", Create, "Put Block, Put Block From URL"),
        new(RequestScope.Blob, Get, "", "blocklist", Read, "Get Block List"),
        new(RequestScope.Blob, Put, "", "blocklist", Write, "Put Block List") { MayCreate = true },
        new(RequestScope.Blob, Put, "", "page", Write, "Put Page, Put Page From URL"),
        new(RequestScope.Blob, Get, "", "pagelist", Read, "Get Page Ranges"),
        new(RequestScope.Blob, Put, "", "incrementalcopy", Write, "Incremental Copy Blob"),
        new(RequestScope.Blob, Put, "", "appendblock", Write, "Append Block, Append Block From URL"),
        new(RequestScope.Blob, Put, "", "seal", Write, "Append Blob Seal"),
        new(RequestScope.Blob, Post, "", "query", Read, "Query Blob Contents"),
        new(RequestScope.Blob, Get, "", "tags", Tag, "Get Blob Tags"),
        new(RequestScope.Blob, Put, "", "tags", Tag, "Set Blob Tags"),
        new(RequestScope.Blob, Put, "", "expiry", Write | Delete, "Set Blob Expiry"),
        new(RequestScope.Blob, Put, "", "immutabilitypolicies", Admin, "Set Blob Immutability Policy"),
        new(RequestScope.Blob, Del, "", "immutabilitypolicies", Admin, "Delete Blob Immutability Policy"),
        new(RequestScope.Blob, Put, "", "legalhold", Admin, "Set Blob Legal Hold"),
        new(RequestScope.Blob, GetOrHead, "account", "properties", Admin, "Get Account Information"),
    ];

    private static readonly FrozenDictionary<(RequestScope, string, string, string), OperationRow> ByRequest = Rows
        .SelectMany(row => row.Methods.Split('|').Select(method => (Key: (row.Scope, method, row.RestType, row.Comp), row)))
        .ToFrozenDictionary(pair => pair.Key, pair => pair.row);

    /// <summary>
    /// What a header or its value adds to what a request wants: one operation can do another's work by it. Null stands for
    /// any value.
    /// </summary>
    public static IReadOnlyList<(string Header, string? Value, BlobOperations Operations)> Additions { get; } =
    [
        ("x-ms-tags", null, Tag),
        ("x-ms-if-tags", null, Tag), // an answer to a question about tags tells of them
        ("x-ms-source-if-tags", null, Tag),
        ("x-ms-copy-source-tag-option", "COPY", Tag),
        ("x-ms-expiry-option", null, Delete),
        ("x-ms-legal-hold", null, Admin),
        ("x-ms-immutability-policy-until-date", null, Admin),
        ("x-ms-immutability-policy-mode", null, Admin),
        ("x-ms-rename-source", null, Unknown), // the data lake's protocol
        ("X-HTTP-Method", null, Unknown),
        ("X-HTTP-Method-Override", null, Unknown),
    ];

    /// <returns>The row; null if there is none.</returns>
    public static OperationRow? Find(RequestScope scope, string method, string restType, string comp) =>
        ByRequest.GetValueOrDefault((scope, method, restType, comp));

    /// <summary>True if a header makes another operation of the request than its method, path and query say.</summary>
    public static bool MeansAnother(Func<string, string?> header) =>
        Additions.Any(addition => addition.Operations == Unknown && header(addition.Header) is not null);
}
