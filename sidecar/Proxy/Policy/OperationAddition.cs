using System.Text;
using TokenBroker.Configuration;

namespace TokenBroker.Proxy.Policy;

/// <summary>A header or query parameter that makes a request do more than its operation does by itself.</summary>
/// <param name="Name">The header, or the parameter if <paramref name="InQuery"/>.</param>
/// <param name="Operations">What a policy must allow besides the operation.</param>
/// <param name="Sas">The permissions of which a SAS must have one besides those for the operation; empty if no SAS allows it.</param>
/// <param name="InQuery">True for a query parameter.</param>
internal sealed record OperationAddition(string Name, BlobOperations Operations, string Sas, bool InQuery = false)
{
    /// <summary>Only a value that contains this word adds something; null if every value does.</summary>
    public string? Word { get; init; }

    /// <summary>The only value that adds nothing; null if there is none.</summary>
    public string? Except { get; init; }

    /// <summary>True if it concerns the source of a copy as well, which then needs the same.</summary>
    public bool ConcernsSource { get; init; }

    public bool IsIn(BlobRequest request)
    {
        if ((InQuery ? request.Query[Name] : request.Header(Name)) is not { } given)
            return false;
        if (Word is null)
            return Except is null || !given.Trim().Equals(Except, StringComparison.OrdinalIgnoreCase);
        // No documented value has these: storage might decode an escape once more, or fold a letter into an ASCII one.
        return given.Contains('%') || !Ascii.IsValid(given) || given.Contains(Word, StringComparison.OrdinalIgnoreCase);
    }
}
