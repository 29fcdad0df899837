using TokenBroker.Configuration;

namespace TokenBroker.Tests.Fuzzing;

/// <summary>One reading of a request, and what the Blob service's documents say that it does.</summary>
internal sealed record RequestReading(
    string Method, IReadOnlyList<string> Segments, string RestType, string Comp,
    IReadOnlyList<(string Name, string Value)> Parameters, IReadOnlyDictionary<string, string> Headers)
{
    private const BlobOperations None = BlobOperations.None, Read = BlobOperations.Read, List = BlobOperations.List, Create = BlobOperations.Create,
        Write = BlobOperations.Write, Delete = BlobOperations.Delete, Tag = BlobOperations.Tag, Admin = BlobOperations.Admin, Delegate = BlobOperations.Delegate;

    /// <summary>The container (null for the account as a whole) and what is done there; several where two readers could differ.</summary>
    public IEnumerable<(string? Container, BlobOperations Operations)> Meanings()
    {
        if (Segments.Count == 0)
        {
            yield return (null, OfAccount() | ByHeaders());
            yield break;
        }

        if (RestType == "account")
        {
            yield return (Segments[0], Admin);
            yield break;
        }

        if (RestType == "container" || Comp == "batch")
            yield return (Comp is "undelete" or "rename" ? null : Segments[0], OfContainer() | ByHeaders());
        if (RestType != "container" && Comp != "batch")
            yield return (Segments.Count == 1 ? "$root" : Segments[0], OfBlob() | ByHeaders());
    }

    private BlobOperations OfAccount() => (Method, Comp) switch
    {
        ("POST", "batch") => None, // its parts are judged
        ("POST", "userdelegationkey") => Delegate,
        ("GET", "blobs") => Admin | Tag,
        _ => Admin,
    };

    private BlobOperations OfContainer() => (Method, Comp) switch
    {
        ("POST", "batch") => None,
        ("POST", "session") => Delegate,
        ("GET" or "HEAD", "list") => List | (Includes("tags") ? Tag : None),
        ("GET" or "HEAD", "blobs") => List | Tag,
        ("GET" or "HEAD", "acl") => Admin,
        ("GET" or "HEAD", _) => Read,
        _ => Admin,
    };

    private BlobOperations OfBlob() => (Method, Comp) switch
    {
        (_, "immutabilitypolicies" or "legalhold") => Admin,
        ("GET" or "HEAD" or "PUT", "tags") => Tag,
        ("GET" or "HEAD", _) => Read,
        ("POST", "query") => Read,
        ("DELETE", _) => Delete,
        ("PUT", "expiry") => Write | Delete,
        ("PUT", "block") => Create, // nothing is seen of it before a block list names it
        ("PUT", "" or "blocklist") when IsNewAlone() => Create,
        _ => Write,
    };

    /// <summary>What headers ask for on the way.</summary>
    private BlobOperations ByHeaders() =>
        (Has("x-ms-tags") || Has("x-ms-if-tags") || Has("x-ms-source-if-tags") || Says("x-ms-copy-source-tag-option", "copy") ? Tag : None)
        | (Has("x-ms-expiry-option") ? Delete : None)
        | (Has("x-ms-legal-hold") || Has("x-ms-immutability-policy-until-date") || Has("x-ms-immutability-policy-mode") ? Admin : None);

    private bool IsNewAlone() =>
        Headers.GetValueOrDefault("if-none-match")?.Trim() == "*" && !Has("if-match") && !Has("if-modified-since") && !Has("if-unmodified-since");

    private bool Includes(string what) => Parameters.Any(parameter => parameter.Name == "include" && parameter.Value.Contains(what, StringComparison.Ordinal));

    private bool Has(string header) => Headers.ContainsKey(header);

    private bool Says(string header, string value) => Headers.GetValueOrDefault(header)?.Trim().Equals(value, StringComparison.OrdinalIgnoreCase) == true;
}
