using System.Buffers;
using System.Text;
using TokenBroker.Configuration;
using TokenBroker.Proxy.Addressing;
using TokenBroker.Proxy.CallerKey;

namespace TokenBroker.Proxy.Policy;

/// <summary>What a request wants to do, and to which container.</summary>
/// <param name="Operations">All that it wants; <see cref="BlobOperations.Unknown"/> where that cannot be told.</param>
/// <param name="Container">The container as storage has it; null where the account as a whole is meant.</param>
internal readonly record struct RequestedOperation(BlobOperations Operations, string? Container)
{
    /// <summary>The container of blobs whose path names none.</summary>
    public const string Root = "$root";

    /// <summary>The row of <see cref="OperationTable"/>; null if there is none.</summary>
    public OperationRow? Row { get; init; }

    /// <summary>The characters in the names of parameters and operations.</summary>
    public static readonly SearchValues<char> InNames =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");

    private static readonly SearchValues<char> InPlainValues =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:");

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
        foreach (var addition in OperationTable.AdditionsIn(query, header))
            operations |= addition.Operations;
        return new(operations, row.ReachesFurther ? null : container) { Row = row };
    }

    /// <summary>Of a request as it came in: the SAS in its query is not part of what is asked.</summary>
    public static RequestedOperation Of(HttpRequest request, Route route) =>
        Of(request.Method, route.Path, SasParameters.Strip(route.Query, out _), PolicyHeaders.Of(request.Headers));

    /// <summary>
    /// What stands behind a semicolon is no part of a name to some readers, and nothing is left of a first segment that begins
    /// with one.
    /// </summary>
    private static bool IsTwofold(string path) => path.StartsWith("/;", StringComparison.Ordinal) || PathRules.HidesDotSegment(path);

    /// <summary>An empty value is none to one reader and a word to another; letters beyond ASCII may fold into others.</summary>
    private static OperationRow? Find(RequestScope scope, string method, string query, string? restType, string? comp) =>
        restType is "" || comp is "" || !IsPlain(query, values: HttpMethods.IsPost(method)) || !Ascii.IsValid(restType) || !Ascii.IsValid(comp)
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
    /// <param name="query">The raw query.</param>
    /// <param name="values">
    /// True for a POST: its query alone decides what it does, and its documented parameters (comp, restype, timeout, snapshot,
    /// versionid) have plain values. Any other character could hide a second parameter.
    /// </param>
    private static bool IsPlain(ReadOnlySpan<char> query, bool values)
    {
        if (query.Length <= 1)
            return true;
        query = query[1..];
        if (query.Contains(';'))
            return false;
        foreach (var range in query.Split('&'))
        {
            var pair = query[range];
            var name = QueryRules.NameOf(pair);
            if (values && pair.Length > name.Length && Uri.UnescapeDataString(pair[(name.Length + 1)..]).AsSpan().ContainsAnyExcept(InPlainValues))
                return false;
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
}
