namespace TokenBroker.Client.Demo;

/// <summary>What is compared, in the order in which it is done to a blob.</summary>
internal enum Operation
{
    Upload,
    Download,
    RangedRead,
    List,
    Delete,
}

/// <summary>The names of operations in the table and in the JSON file.</summary>
internal static class OperationNames
{
    public static string Name(this Operation operation) => operation switch
    {
        Operation.Upload => "upload",
        Operation.Download => "download",
        Operation.RangedRead => "ranged read",
        Operation.List => "list",
        _ => "delete",
    };
}
