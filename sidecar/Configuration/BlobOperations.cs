namespace TokenBroker.Configuration;

/// <summary>What a request wants to do, in the words of a policy. A request may want several of these at once.</summary>
[Flags]
internal enum BlobOperations
{
    /// <summary>Nothing by itself: a batch, whose parts are checked instead.</summary>
    None = 0,

    Read = 1 << 0,
    List = 1 << 1,

    /// <summary>Writes only what does not exist yet; it cannot overwrite.</summary>
    Create = 1 << 2,

    Write = 1 << 3,
    Delete = 1 << 4,
    Tag = 1 << 5,

    /// <summary>Asks for a credential that can be used without the sidecar: a user delegation key or a session.</summary>
    Delegate = 1 << 6,

    /// <summary>Containers, the whole account, and changes that cannot be undone by writing again.</summary>
    Admin = 1 << 7,

    /// <summary>An unknown operation. A policy cannot name it, so no policy allows it.</summary>
    Unknown = 1 << 8,
}

/// <summary>The words for operations.</summary>
internal static class BlobOperationWords
{
    /// <summary>Everything that a policy can name.</summary>
    public static IReadOnlyList<BlobOperations> All { get; } =
        [.. Enum.GetValues<BlobOperations>().Where(operation => operation is not (BlobOperations.None or BlobOperations.Unknown))];

    /// <summary>The word for a single operation.</summary>
    public static string Word(this BlobOperations operation) => operation switch
    {
        BlobOperations.None => "batch",
        BlobOperations.Read => "read",
        BlobOperations.List => "list",
        BlobOperations.Create => "create",
        BlobOperations.Write => "write",
        BlobOperations.Delete => "delete",
        BlobOperations.Tag => "tag",
        BlobOperations.Delegate => "delegate",
        BlobOperations.Admin => "admin",
        _ => "unknown",
    };

    /// <summary>
    /// The words of all operations of a request, joined by <c>+</c>; only <c>unknown</c> if any of them is unknown.
    /// </summary>
    public static string Words(this BlobOperations operations) =>
        operations.HasFlag(BlobOperations.Unknown) || operations == BlobOperations.None
            ? (operations & BlobOperations.Unknown).Word()
            : string.Join('+', All.Where(one => operations.HasFlag(one)).Select(Word));

    /// <summary>The first of several operations; <see cref="BlobOperations.Unknown"/> if any of them is unknown.</summary>
    public static BlobOperations First(this BlobOperations operations) =>
        operations.HasFlag(BlobOperations.Unknown) ? BlobOperations.Unknown : All.FirstOrDefault(one => operations.HasFlag(one));
}
