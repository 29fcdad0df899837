using System.Buffers;
using System.Text;
using TokenBroker.Configuration;

namespace TokenBroker.Proxy;

/// <summary>What a request wants to do, and to which container.</summary>
/// <param name="Operations">All that it wants; <see cref="BlobOperations.Unknown"/> where that cannot be told.</param>
/// <param name="Container">The container as storage has it; null where the account as a whole is meant.</param>
internal readonly record struct RequestedOperation(BlobOperations Operations, string? Container)
{
    /// <summary>The container of blobs whose path names none.</summary>
    public const string Root = "$root";

    private static readonly SearchValues<char> InNames =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");

    /// <summary>
    /// Pure. Values are decoded once, as storage does, and compared without case. A path that passed <see cref="PathRules"/>
    /// and a query that passed <see cref="QueryRules"/> have one reading; what could have two here is unknown.
    /// </summary>
    /// <param name="method">The method.</param>
    /// <param name="path">The raw path behind the account.</param>
    /// <param name="query">The raw query, as it will be sent.</param>
    /// <param name="header">A header's value by its name; null if it is not there.</param>
    public static RequestedOperation Of(string method, string path, string query, Func<string, string?> header)
    {
        var (restType, comp) = (QueryValue.Of(query, "restype"), QueryValue.Of(query, "comp"));
        var container = ContainerOf(path, restType, out var scope);
        var row = scope is { } level && !IsTwofold(path) ? Find(level, method, query, restType, comp) : null;
        if (row is null) // and then one segment may be a blob's name as well
            return new(BlobOperations.Unknown, scope == RequestScope.Container ? null : container);
        var operations = row.MayCreate && IsForNewAlone(header) ? BlobOperations.Create : row.Operations;
        return new(operations | Added(query, header), row.ReachesFurther ? null : container);
    }

    /// <summary>
    /// What stands behind a semicolon is no part of a name to some readers, and nothing is left of a first segment that begins
    /// with one.
    /// </summary>
    private static bool IsTwofold(string path) => path.StartsWith("/;", StringComparison.Ordinal) || PathRules.HidesDotSegment(path);

    /// <summary>An empty value is none to one reader and a word to another; letters beyond ASCII may fold into others.</summary>
    private static OperationRow? Find(RequestScope scope, string method, string query, string? restType, string? comp) =>
        restType is "" || comp is "" || !IsPlain(query) || !Ascii.IsValid(restType) || !Ascii.IsValid(comp)
            ? null
            : OperationTable.Find(scope, method, restType?.ToLowerInvariant() ?? "", comp?.ToLowerInvariant() ?? "");

    /// <summary>The container of a blob with this path; null if the path names none.</summary>
    public static string? ContainerOf(string path) => ContainerOf(path, null, out _);

    /// <summary>
    /// One segment is a container if <c>restype</c> says so or asks for the account's properties there, and otherwise a
    /// blob of the root container.
    /// </summary>
    private static string? ContainerOf(string path, string? restType, out RequestScope? scope)
    {
        scope = RequestScope.Account;
        if (path.Length <= 1)
            return null;
        var slash = path.IndexOf('/', 1);
        var first = (slash < 0 ? path[1..] : path[1..slash]).Replace("%24", "$", StringComparison.Ordinal);
        if (slash >= 0 && slash < path.Length - 1)
        {
            scope = RequestScope.Blob;
            return first;
        }

        scope = restType is not null ? RequestScope.Container : slash < 0 ? RequestScope.Blob : null;
        return restType is not null || slash >= 0 ? first : Root;
    }

    /// <summary>
    /// No semicolon, which some readers of queries take for a <c>&amp;</c>; no name with a sign that some drop or decode, and none
    /// of the data lake's protocol, whose operations are others.
    /// </summary>
    private static bool IsPlain(ReadOnlySpan<char> query)
    {
        if (query.Length <= 1)
            return true;
        query = query[1..];
        if (query.Contains(';'))
            return false;
        foreach (var range in query.Split('&'))
        {
            var name = QueryRules.NameOf(query[range]);
            if (name.ContainsAnyExcept(InNames)
                || name.Equals("action", StringComparison.OrdinalIgnoreCase) || name.Equals("resource", StringComparison.OrdinalIgnoreCase))
                return false;
        }

        return true;
    }

    /// <summary>With a second condition it would depend on storage which of the two counts.</summary>
    private static bool IsForNewAlone(Func<string, string?> header) =>
        header("If-None-Match") == "*"
        && header("If-Match") is null && header("If-Modified-Since") is null && header("If-Unmodified-Since") is null;

    private static BlobOperations Added(string query, Func<string, string?> header)
    {
        // List Blobs shows tags if asked to; no word that may stand here has an escape left.
        var added = QueryValue.Of(query, "include") is { } include && (include.Contains('%') || include.Contains("tags", StringComparison.OrdinalIgnoreCase))
            ? BlobOperations.Tag
            : BlobOperations.None;
        foreach (var (name, value, operations) in OperationTable.Additions)
        {
            if (header(name) is { } given && (value is null || value.Equals(given.Trim(), StringComparison.OrdinalIgnoreCase)))
                added |= operations;
        }

        return added;
    }
}
