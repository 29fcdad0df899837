namespace TokenBroker.Proxy;

/// <summary>What an operation demands of a SAS, by the published tables of the Blob service.</summary>
/// <param name="Level">The resource type that an account SAS must name in <c>srt</c>; null for any.</param>
/// <param name="ByAccount">The permissions of which an account SAS must have one; empty if none will do.</param>
/// <param name="ByService">The same for a service SAS.</param>
/// <param name="CreatesOnly">True if the permission to create is no permission to overwrite.</param>
internal readonly record struct SasOperation(char? Level, string ByAccount, string ByService, bool CreatesOnly = false)
{
    /// <summary>Whatever the permissions are.</summary>
    public const string Any = "*";

    /// <returns>Null for an operation that is not known, which no SAS can allow.</returns>
    public static SasOperation? Of(SignedRequest request, SasResource resource)
    {
        var method = request.Method == "HEAD" ? "GET" : request.Method;
        var comp = request.Parameter("comp")?.ToLowerInvariant() ?? "";
        var restype = request.Parameter("restype")?.ToLowerInvariant() ?? "";
        if (restype == "account")
            return (method, comp) == ("GET", "properties") ? new(null, Any, resource.Container.Length == 0 ? "" : "r") : null;
        if (resource.Container.Length == 0)
            return OfService(method, restype, comp);
        if (restype == "container")
            return resource.Blob.Length == 0 ? OfContainer(method, comp, request) : null;
        return restype.Length == 0 && resource.Blob.Length > 0 ? OfBlob(method, comp, request) : null;
    }

    private static SasOperation? OfService(string method, string restype, string comp) => (method, restype, comp) switch
    {
        ("GET", "", "list") => new('s', "l", ""),
        ("GET", "", "blobs") => new('o', "f", ""),
        ("GET", "service", "properties" or "stats") => new('s', "r", ""),
        ("PUT", "service", "properties") => new('s', "w", ""),
        ("POST", "", "batch") => new(null, Any, ""), // its parts are looked at by themselves
        _ => null,
    };

    private static SasOperation? OfContainer(string method, string comp, SignedRequest request) => (method, comp) switch
    {
        ("PUT", "") => new('c', "cw", ""),
        ("DELETE", "") => new('c', "d", ""),
        ("GET", "" or "metadata") => new('c', "r", ""),
        ("PUT", "metadata" or "undelete") => new('c', "w", ""),
        ("PUT", "lease") => new('c', ByLease(request), ""),
        ("GET", "list") => new('c', "l", "l"),
        ("GET", "blobs") => new('c', "f", "f"),
        ("POST", "batch") => new(null, Any, Any),
        ("GET" or "PUT", "acl") => new('c', "", ""),
        _ => null,
    };

    private static SasOperation? OfBlob(string method, string comp, SignedRequest request) => (method, comp) switch
    {
        ("GET", "" or "metadata" or "blocklist" or "pagelist") or ("POST", "query") => Object("r"),
        ("GET" or "PUT", "tags") => Object("t"),
        ("PUT", "" or "incrementalcopy") => new('o', "cw", "cw", CreatesOnly: true),
        ("PUT", "snapshot") => Object("cw"),
        ("PUT", "appendblock") => Object("aw"),
        ("PUT", "lease") => Object(ByLease(request)),
        ("PUT", "block" or "blocklist" or "page" or "properties" or "metadata" or "tier" or "undelete" or "copy" or "expiry" or "seal") => Object("w"),
        ("PUT" or "DELETE", "immutabilitypolicies") or ("PUT", "legalhold") => Object("i"),
        ("DELETE", "") => Object(request.Parameter("deletetype") is not null ? "y" : request.Parameter("versionid") is not null ? "x" : "d"),
        _ => null,
    };

    private static SasOperation Object(string permissions) => new('o', permissions, permissions);

    /// <summary>Who may delete may break a lease, and nothing else about it.</summary>
    private static string ByLease(SignedRequest request) =>
        request.Header("x-ms-lease-action").Equals("break", StringComparison.OrdinalIgnoreCase) ? "wd" : "w";
}
