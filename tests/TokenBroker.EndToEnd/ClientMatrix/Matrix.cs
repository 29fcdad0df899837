using Xunit;

namespace TokenBroker.EndToEnd.ClientMatrix;

/// <summary>The one table: what each client is to see of each operation.</summary>
internal static class Matrix
{
    private static readonly Expectation NoUrlSources = new AzuriteLacks(501, "APINotImplemented");
    internal static readonly Expectation NoAccessPolicies = new AzuriteKeepsFromBearers(403, "AuthorizationFailure");
    private static readonly Expectation NoDelegationKey = new SidecarRefuses(403, "AuthorizationFailure", "delegation-key");

    internal static readonly Expectation DotSegment = new SidecarRefuses(400, "InvalidUri", "dot-segment");

    /// <summary>Every cell there is: one for each client and operation.</summary>
    public static readonly IReadOnlyList<Cell> Cells =
        [.. Client.All.SelectMany(client => Operation.All.Select(operation => Of(client, operation)))];

    /// <summary>The cells of a client that are tests, for a theory.</summary>
    public static IEnumerable<TheoryDataRow<string>> RowsOf(Client client) =>
        from cell in Cells
        where cell.Client == client && cell.Expectation != Expectation.NotOffered
        select new TheoryDataRow<string>(cell.Operation.Id);

    public static Cell Cell(Client client, string operation) =>
        Cells.Single(cell => cell.Client == client && cell.Operation.Id == operation);

    private static Cell Of(Client client, Operation operation) => new(client, operation, Expect(client, operation.Id));

    private static Expectation Expect(Client client, string operation) =>
        client == Client.DotNet ? DotNet(operation)
        : client == Client.JavaScript ? JavaScript(operation)
        : client == Client.Python ? Python(operation)
        : client == Client.Ruby ? Ruby(operation)
        : client == Client.Az ? Az(operation)
        : client == Client.Libcloud ? Only(operation, "create", "put-get", "range", "staged", "list", "delete", "lease", "names")
        : client == Client.Django ? operation == "name-dot-dot" ? new ClientRefuses("Detected path traversal attempt") : Only(operation, "put-get", "range", "staged", "delete", "names")
        : client == Client.Duplicity ? Only(operation, "put-get", "staged", "list", "delete")
        : client == Client.Curl ? Curl(operation)
        : client == Client.Rclone ? Only(operation, "create", "put-get", "range", "staged", "list", "delete", "names", "copy")
        : FurtherClients.Expect(client, operation);

    private static Expectation DotNet(string operation) => operation switch
    {
        "batch" => Expectation.NotOffered, // a package of its own
        "name-leading-slash" => new ClientAlters("lead"),
        "name-backslash" => new ClientAlters("back/slash"),
        "name-dot-dot" => new ClientAlters("dots/gone"),
        "metadata-umlaut" => new ClientRefuses("Request headers must contain only ASCII characters."),
        _ => Library(operation),
    };

    private static Expectation JavaScript(string operation) => operation switch
    {
        "name-backslash" => new ClientAlters("back/slash"),
        "name-dot-dot" => new ClientAlters("dots/gone"),
        _ => Library(operation),
    };

    private static Expectation Python(string operation) => operation switch
    {
        "name-dot-dot" => new ClientAlters("dots/gone"),
        "batch" => new SucceedsAlone(
            """{"deleted": {"202": 256}, "left": 1, "some": [[202, null], [404, "BlobNotFound"]], "tiers": [200]}""",
            "its parts name the container without the account, which Azurite's path-style addresses need"),
        _ => Library(operation),
    };

    private static Expectation Ruby(string operation) => operation switch
    {
        "tags" or "batch" or "copy-sync" or "put-from-url" or "block-from-url" or "append-from-url" or "page-from-url" or "account-info" => Expectation.NotOffered,
        "name-leading-slash" => new ClientAlters("lead"),
        "name-dot-dot" => DotSegment,
        "metadata-umlaut" => new SucceedsAlone("""{"metadata": {"note": "ü"}}""", "it signs other bytes of the header than Azurite does"),
        _ => Library(operation),
    };

    private static Expectation Az(string operation) => operation switch
    {
        "tags" or "name-leading-slash" or "name-backslash" or "name-dot-dot" or "metadata-umlaut" or "copy-sync" => Expectation.NotOffered,
        "put-from-url" or "block-from-url" or "append-from-url" or "page-from-url" or "delegation-key" or "account-info" => Expectation.NotOffered,
        "acl" => new AzuriteKeepsFromBearers("The request may be blocked by network rules of storage account."), // az's words for any 403
        _ => Library(operation),
    };

    private static Expectation Curl(string operation) => operation switch
    {
        "lease" or "batch" or "put-from-url" or "block-from-url" or "append-from-url" or "page-from-url" or "sas" or "sas-headers" or "delegation-key" or "acl" => Expectation.NotOffered,
        "name-dot-dot" => DotSegment,
        "chunked" => new SucceedsAlone("""{"read": "some content"}""", "Azurite wants a length"),
        _ => Expectation.Same,
    };

    /// <summary>What the libraries of the storage service itself have in common.</summary>
    private static Expectation Library(string operation) => operation switch
    {
        "put-from-url" or "block-from-url" or "append-from-url" or "page-from-url" => NoUrlSources,
        "delegation-key" => NoDelegationKey,
        "acl" => NoAccessPolicies,
        "chunked" => Expectation.NotOffered, // each gives the length
        _ => Expectation.Same,
    };

    /// <summary>For a client that has a few operations, all of them the same as directly.</summary>
    internal static Expectation Only(string operation, params string[] offered) => offered.Contains(operation) ? Expectation.Same : Expectation.NotOffered;
}
