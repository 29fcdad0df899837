using System.Globalization;

namespace TokenBroker.Imds;

/// <summary>
/// Durations as users write them: <c>250ms</c>, <c>90s</c>, <c>15m</c>, <c>24h</c>; a leading minus where a skew is meant.
/// </summary>
internal static class Durations
{
    private static readonly (string Unit, TimeSpan Size)[] Units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)), ("s", TimeSpan.FromSeconds(1)), ("m", TimeSpan.FromMinutes(1)), ("h", TimeSpan.FromHours(1)),
    ];

    internal static bool TryRead(string? text, out TimeSpan duration)
    {
        duration = default;
        foreach (var (unit, size) in Units)
        {
            if (text?.EndsWith(unit, StringComparison.Ordinal) != true)
                continue;
            // The limit keeps the product far below TimeSpan's maximum; nothing here takes a year.
            if (!double.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                || !(Math.Abs(number * size.TotalHours) <= 24 * 365))
                continue;
            duration = TimeSpan.FromTicks((long)Math.Round(number * size.Ticks));
            return true;
        }
        return false;
    }

    internal static string Write(TimeSpan duration)
    {
        foreach (var (unit, size) in Units.Reverse())
        {
            if (duration.Ticks % size.Ticks == 0 && duration != TimeSpan.Zero)
                return string.Create(CultureInfo.InvariantCulture, $"{duration.Ticks / size.Ticks}{unit}");
        }
        return string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds}s");
    }
}
