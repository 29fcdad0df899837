using System.Globalization;

namespace TokenBroker.Upstream;

/// <summary>
/// Decides the <c>x-ms-version</c> that storage sees. Versions are dates and affect limits and answers, so the client's
/// version is kept, unless storage would refuse a bearer token with it.
/// </summary>
internal static class StorageVersion
{
    /// <summary>The first version that accepts bearer tokens.</summary>
    public const string FirstWithBearer = "2017-11-09";

    /// <summary>The first version that accepts a bearer token for the source of a copy.</summary>
    public const string FirstWithSourceBearer = "2020-10-02";

    /// <summary>For clients that name none: old enough for every cloud, new enough for every documented operation.</summary>
    public const string Default = "2021-12-02";

    /// <param name="sent">What the client sent; null or empty if nothing.</param>
    /// <param name="signed">The SAS's <c>sv</c>, by which a client without the header means its version.</param>
    /// <param name="authorizesSource">True if the request carries a token for the source of a copy.</param>
    public static string Choose(string? sent, string? signed, bool authorizesSource = false)
    {
        var version = Choose(sent, signed);
        return authorizesSource && IsVersion(version) && string.CompareOrdinal(version, FirstWithSourceBearer) < 0 ? FirstWithSourceBearer : version;
    }

    private static string Choose(string? sent, string? signed)
    {
        if (string.IsNullOrEmpty(sent))
            return signed is not null && IsVersion(signed) && !IsTooOld(signed) ? signed : Default;
        // A value that is not a version is left for storage to refuse.
        return IsVersion(sent) && IsTooOld(sent) ? FirstWithBearer : sent;
    }

    private static bool IsTooOld(string version) => string.CompareOrdinal(version, FirstWithBearer) < 0;

    private static bool IsVersion(string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);
}
