namespace TokenBroker.Configuration;

/// <summary>What the clients of one account may do. Decided before anything is sent; storage's own roles still hold as well.</summary>
internal sealed record PolicyOptions
{
    /// <summary>
    /// What is allowed if no operations are named: everything except credentials that can be used without the sidecar.
    /// </summary>
    public const BlobOperations Usual = BlobOperations.Read | BlobOperations.List | BlobOperations.Create
        | BlobOperations.Write | BlobOperations.Delete | BlobOperations.Tag | BlobOperations.Admin;

    public const BlobOperations ReadOnly = BlobOperations.Read | BlobOperations.List;

    /// <summary>Names of containers, or beginnings of names followed by <c>*</c>; null for every container.</summary>
    public IReadOnlyList<string>? Containers { get; init; }

    /// <summary>Write includes create.</summary>
    public BlobOperations Operations { get; init; } = Usual;

    /// <summary>Nothing is refused; what would be refused is logged and counted.</summary>
    public bool ReportOnly { get; init; }

    /// <summary>Names are case-sensitive at storage, and it has none with capitals.</summary>
    public bool Names(string container)
    {
        foreach (var pattern in Containers ?? [])
        {
            if (pattern.EndsWith('*')
                ? container.AsSpan().StartsWith(pattern.AsSpan(0, pattern.Length - 1), StringComparison.Ordinal)
                : container.Equals(pattern, StringComparison.Ordinal))
                return true;
        }

        return Containers is null;
    }
}
