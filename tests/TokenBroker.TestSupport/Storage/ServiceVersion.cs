using System.Globalization;

namespace TokenBroker.TestSupport.Storage;

/// <summary>The service version a request asks for, and what changed with it.</summary>
internal readonly record struct ServiceVersion(DateOnly? Date)
{
    private const long MiB = 1024 * 1024;

    /// <summary>Bearer tokens since 2017-11-09; absent counts as too old.</summary>
    public bool KnowsBearer => Date >= new DateOnly(2017, 11, 9);

    /// <summary>401 with a challenge since 2019-12-12; before, the same faults were 403 and 404.</summary>
    public bool Challenges => Date >= new DateOnly(2019, 12, 12);

    public long MaxPutBlob => Date switch
    {
        { } date when date >= new DateOnly(2019, 12, 12) => 5000 * MiB,
        { } date when date >= new DateOnly(2016, 5, 31) => 256 * MiB,
        _ => 64 * MiB,
    };

    public long MaxPutBlock => Date switch
    {
        { } date when date >= new DateOnly(2019, 12, 12) => 4000 * MiB,
        { } date when date >= new DateOnly(2016, 5, 31) => 100 * MiB,
        _ => 4 * MiB,
    };

    public long MaxAppendBlock => Date >= new DateOnly(2022, 11, 2) ? 100 * MiB : 4 * MiB;

    /// <summary>x-ms-copy-source-authorization since 2020-10-02.</summary>
    public bool KnowsSourceAuthorization => Date >= new DateOnly(2020, 10, 2);

    public bool KnowsBatch => Date >= new DateOnly(2018, 11, 9);

    public bool KnowsContainerBatch => Date >= new DateOnly(2020, 4, 8);

    /// <summary>False if the header is there and is no date.</summary>
    public static bool TryParse(string? header, out ServiceVersion version)
    {
        version = default;
        if (string.IsNullOrEmpty(header))
            return true;
        if (!DateOnly.TryParseExact(header, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
            return false;
        version = new ServiceVersion(date);
        return true;
    }
}
