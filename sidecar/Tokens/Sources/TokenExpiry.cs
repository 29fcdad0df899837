using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace TokenBroker.Tokens.Sources;

/// <summary>
/// The expiry in one member of an answer: a time, or a lifetime in seconds. Platforms write both as numbers and as texts,
/// and some write a lifetime instead of the time, so <c>expires_on</c> and <c>expires_in</c> are read in the same way.
/// </summary>
/// <param name="Moment">The expiry itself.</param>
/// <param name="Life">The lifetime from the request on.</param>
internal readonly partial record struct TokenExpiry(DateTimeOffset? Moment, TimeSpan? Life)
{
    /// <summary>
    /// 2001-01-01 in seconds since 1970. A smaller number is a lifetime; Microsoft's library uses the same limit.
    /// </summary>
    private const double MinEpoch = 978_307_200;

    /// <summary>The year 5138 in seconds, 1973 in milliseconds. Larger numbers are milliseconds.</summary>
    private const double MinMilliseconds = 1e11;

    private const double MaxMilliseconds = 1e14;

    /// <returns>Null if the value is invalid or ambiguous, such as a number that is not positive.</returns>
    public static TokenExpiry? Read(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => OfNumber(value.GetRawText()),
        JsonValueKind.String when value.GetString()!.Trim() is var text => OfNumber(text) ?? OfDate(text),
        _ => null,
    };

    private static TokenExpiry? OfNumber(string text)
    {
        const NumberStyles Styles = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        if (!double.TryParse(text, Styles, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number))
            return null;
        return number switch
        {
            <= 0 or > MaxMilliseconds => null,
            < MinEpoch => new(null, TimeSpan.FromSeconds(number)),
            < MinMilliseconds => new(DateTimeOffset.FromUnixTimeMilliseconds((long)(number * 1000)), null),
            < MinEpoch * 1000 => null,
            _ => new(DateTimeOffset.FromUnixTimeMilliseconds((long)number), null),
        };
    }

    /// <summary>ISO 8601, the US order of the old App Service, or the form of HTTP. Without an offset it is UTC.</summary>
    private static TokenExpiry? OfDate(string text)
    {
        if (DateTimeOffset.TryParseExact(text, "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var http))
            return new(http, null);
        var parts = Iso().Match(text) is { Success: true } iso ? iso : American().Match(text);
        if (!parts.Success)
            return null;
        int Part(string name) => parts.Groups[name].Success ? int.Parse(parts.Groups[name].ValueSpan, CultureInfo.InvariantCulture) : 0;
        var offset = new TimeSpan(Part("offsetHours"), Part("offsetMinutes"), 0);
        try
        {
            var local = new DateTime(Part("year"), Part("month"), Part("day"), HourOf(Part("hour"), parts.Groups["mark"].Value), Part("minute"), Part("second"));
            return new(new DateTimeOffset(local, parts.Groups["sign"].Value == "-" ? -offset : offset), null);
        }
        catch (ArgumentException)
        {
            return null; // a day that the calendar does not have
        }
    }

    /// <summary>
    /// The old App Service writes 12-hour clocks ("1:00:00 PM"), and by its documentation also 24-hour ones with a mark
    /// ("00:00:00 PM"). There the mark contradicts the hour and is ignored.
    /// </summary>
    private static int HourOf(int hour, string mark) => (hour, char.ToUpperInvariant(mark.FirstOrDefault())) switch
    {
        (12, 'A') => 0,
        ( >= 1 and < 12, 'P') => hour + 12,
        _ => hour,
    };

    private const string Time = @"(?<hour>\d{1,2}):(?<minute>\d\d)(?::(?<second>\d\d)(?:[.,]\d+)?)?";
    private const string Offset = @"(?: ?(?:Z|UTC|GMT|(?<sign>[+-])(?<offsetHours>\d\d):?(?<offsetMinutes>\d\d)?))?";

    [GeneratedRegex(@"^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)[T ]" + Time + Offset + "$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Iso();

    [GeneratedRegex(@"^(?<month>\d{1,2})/(?<day>\d{1,2})/(?<year>\d{4}) " + Time + "(?: ?(?<mark>[AP]M))?" + Offset + "$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex American();
}
