namespace TokenBroker.EndToEnd.ClientMatrix;

/// <summary>What the clients of the second table are to see of each operation.</summary>
internal static class FurtherClients
{
    private static readonly Expectation DotsGone = new ClientAlters("dots/gone");

    public static Expectation Expect(Client client, string operation) =>
        client == Client.Java ? Java(operation)
        : client == Client.ObjectStore ? Matrix.Only(operation, "put-get", "range", "staged", "list", "delete", "conditional", "names", "batch")
        : client == Client.OpenDal ? OpenDal(operation)
        : client == Client.Gdal ? Matrix.Only(operation, "put-get", "range", "staged", "list", "delete", "names", "copy")
        : client == Client.MicrosoftAzureStorage || client == Client.WindowsAzureStorage ? OldDotNet(operation)
        : client == Client.AzureStorage ? AzureStorage(operation)
        : client == Client.PgBackRest ? Matrix.Only(operation, "put-get", "staged", "list", "delete")
        : client == Client.Barman ? Barman(operation)
        : throw new ArgumentOutOfRangeException(nameof(client), client, "has no cells");

    private static Expectation Java(string operation) => operation switch
    {
        "name-dot-dot" => Matrix.DotSegment,
        "batch" => new SucceedsAlone("""{"deleted": 256, "left": []}""", "its parts name the container without the account, which Azurite's path-style addresses need"),
        "chunked" => new SucceedsAlone("""{"same": true}""", "Azurite wants a length"),
        _ => Matrix.Only(operation, "create", "put-get", "range", "staged", "list", "delete", "snapshot", "lease", "conditional", "append", "names", "copy", "account-info"),
    };

    private static Expectation OpenDal(string operation) => operation switch
    {
        "name-leading-slash" => new ClientAlters("lead"),
        "name-dot-dot" => DotsGone,
        // It hands out the address, and a plain HTTP client reads it without a version.
        "sas" => new SidecarRefuses(400, "MissingRequiredHeader", "version-missing"),
        _ => Matrix.Only(operation, "put-get", "range", "staged", "list", "delete", "append", "names", "name-backslash", "batch", "copy"),
    };

    private static Expectation OldDotNet(string operation) => operation switch
    {
        "name-dot-dot" => DotsGone,
        "acl" => Matrix.NoAccessPolicies,
        _ => Matrix.Only(operation, "create", "put-get", "range", "staged", "list", "delete", "snapshot", "lease", "conditional", "append", "page", "names",
            "name-leading-slash", "name-backslash", "copy", "sas", "sas-headers"),
    };

    private static Expectation AzureStorage(string operation) => operation switch
    {
        "metadata-umlaut" => new SucceedsAlone("""{"metadata": {"note": "Ã¼"}}""", "it signs other bytes of the header than it sends"),
        _ => OldDotNet(operation),
    };

    private static Expectation Barman(string operation) => operation switch
    {
        "delete" => new SucceedsAlone("""{"left": 0}""", "Python's library leaves the account out of the paths in a batch, which Azurite needs"),
        _ => Matrix.Only(operation, "put-get", "staged", "list"),
    };
}
