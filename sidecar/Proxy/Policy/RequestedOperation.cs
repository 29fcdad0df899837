using System.Buffers;
using System.Text;
using TokenBroker.Configuration;
using TokenBroker.Proxy.Addressing;

namespace TokenBroker.Proxy.Policy;

/// <summary>What a request wants to do, and to which container.</summary>
/// <param name="Operations">All that it wants; <see cref="BlobOperations.Unknown"/> where that cannot be determined.</param>
/// <param name="Container">The container as storage reads it; null where the request concerns the account as a whole.</param>
internal readonly record struct RequestedOperation(BlobOperations Operations, string? Container)
{
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
    public static RequestedOperation Of(BlobRequest request)
    {
        var row = HasTwoReadings(request.Path) ? null : Find(request);
        if (row is null) // then one segment may also be a blob's name
            return new(BlobOperations.Unknown, request.Scope == RequestScope.Container ? null : request.Container);
        var operations = row.MayCreate && IsForNewOnly(request) ? BlobOperations.Create : row.Operations;
        return new(operations | OperationTable.Added(request), row.ReachesFurther ? null : request.Container) { Row = row };
    }

    /// <summary>
    /// Some readers drop everything after a semicolon from a segment. Nothing is left of a first segment that begins with one.
    /// </summary>
    private static bool HasTwoReadings(BlobPath path) => path.RawFirst.StartsWith(';') || PathRules.HidesDotSegment(path);

    /// <summary>One reader takes an empty value as missing and another as a word; letters beyond ASCII may fold into others.</summary>
    private static OperationRow? Find(BlobRequest request)
    {
        var (restType, comp) = (request.RestType, request.Comp);
        var isClear = restType is not "" && comp is not "" && Ascii.IsValid(restType) && Ascii.IsValid(comp)
            && IsPlain(request.Query, values: HttpMethods.IsPost(request.Method));
        return isClear ? request.Row : null;
    }

    /// <summary>
    /// No semicolon, which some readers of queries take for a <c>&amp;</c>; no name with a character that some drop or decode; and
    /// none of the data lake's parameters, whose operations are others.
    /// </summary>
    /// <param name="query">The query.</param>
    /// <param name="values">
    /// True for a POST: only its query decides what it does, and its documented parameters (comp, restype, timeout, snapshot,
    /// versionid) have plain values. Any other character could hide a second parameter.
    /// </param>
    private static bool IsPlain(BlobQuery query, bool values)
    {
        foreach (ref readonly var parameter in query.Parameters)
        {
            if (parameter.IsSas)
                continue; // storage does not see it
            if (parameter.Text.Contains(';') || parameter.Name.ContainsAnyExcept(InNames) || parameter.Is("action") || parameter.Is("resource"))
                return false;
            if (values && Uri.UnescapeDataString(parameter.RawValue).AsSpan().ContainsAnyExcept(InPlainValues))
                return false;
        }

        return true;
    }

    /// <summary>With a second condition, storage decides which one counts.</summary>
    private static bool IsForNewOnly(BlobRequest request) =>
        request.Header("If-None-Match") == "*"
        && request.Header("If-Match") is null && request.Header("If-Modified-Since") is null && request.Header("If-Unmodified-Since") is null;
}
