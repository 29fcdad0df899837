namespace TokenBroker.Proxy.Policy;

/// <summary>What one operation demands of a SAS, by the published permission tables of the Blob service.</summary>
/// <param name="Level">The resource type that an account SAS must name in <c>srt</c>; null for any.</param>
/// <param name="ByAccount">The permissions of which an account SAS must have one; empty if no account SAS allows it.</param>
/// <param name="ByService">The same for a service SAS.</param>
internal sealed record SasNeed(char? Level, string ByAccount, string ByService)
{
    /// <summary>Any permission will do.</summary>
    public const string Any = "*";

    /// <summary>True if the permission to create allows the operation, but not to overwrite.</summary>
    public bool CreatesOnly { get; init; }

    public static SasNeed Service(string permissions) => new('s', permissions, "");

    /// <summary>Containers themselves: an account SAS only.</summary>
    public static SasNeed Container(string permissions) => new('c', permissions, "");

    /// <summary>What is in a container: both kinds of SAS.</summary>
    public static SasNeed InContainer(string permissions) => new('c', permissions, permissions);

    public static SasNeed Blob(string permissions) => new('o', permissions, permissions);
}

/// <summary>A parameter or header with which an operation demands something else of a SAS.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value; null for any.</param>
/// <param name="Need">What the operation then demands.</param>
/// <param name="InQuery">True for a query parameter.</param>
internal sealed record SasVariant(string Name, string? Value, SasNeed Need, bool InQuery = false)
{
    public bool IsIn(BlobRequest request) =>
        (InQuery ? request.Query[Name] : request.Header(Name)) is { } given
        && (Value is null || Value.Equals(given, StringComparison.OrdinalIgnoreCase));
}
