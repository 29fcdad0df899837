namespace TokenBroker.EndToEnd.ClientMatrix;

/// <summary>A row of the matrix.</summary>
/// <param name="Id">What drivers call it.</param>
/// <param name="Row">Its name in the table of docs/clients.md.</param>
internal sealed record Operation(string Id, string Row)
{
    public static readonly IReadOnlyList<Operation> All =
    [
        new("create", "create a container"),
        new("put-get", "put and get a blob, with headers and metadata"),
        new("range", "read a range"),
        new("staged", "70 MiB in blocks"),
        new("list", "list, by pages and by folders"),
        new("delete", "delete"),
        new("snapshot", "snapshots"),
        new("lease", "leases"),
        new("conditional", "conditions (`If-Match` …)"),
        new("tags", "tags"),
        new("append", "append blobs"),
        new("page", "page blobs"),
        new("names", "names with space `+` `%` `#` `?` `//` ü, or a dot at the end"),
        new("name-leading-slash", "a name that begins with `/`"),
        new("name-backslash", "a name with `\\`"),
        new("name-dot-dot", "a name with `/../`"),
        new("metadata-umlaut", "metadata with ü"),
        new("batch", "batches: 256 deletes, tiers"),
        new("copy", "copy, also of a blob named at the sidecar"),
        new("copy-sync", "copy, synchronous"),
        new("put-from-url", "put a blob from a URL"),
        new("block-from-url", "put a block from a URL"),
        new("append-from-url", "append from a URL"),
        new("page-from-url", "put pages from a URL"),
        new("sas", "read by a SAS of one's own"),
        new("sas-headers", "the same, with response headers in the SAS"),
        new("delegation-key", "user delegation key"),
        new("account-info", "account information"),
        new("chunked", "upload without a length (`Transfer-Encoding: chunked`)"),
        new("acl", "access policies of a container"),
    ];

    public static Operation Of(string id) => All.Single(operation => operation.Id == id);

    public override string ToString() => Id;
}
