using System.Globalization;

namespace TokenBroker.Client;

/// <summary>Sizes as users write them: 512, 1KiB, 64 KiB, 1MiB.</summary>
internal static class ByteSize
{
    private static readonly (string Unit, long Bytes)[] Units = [("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10), ("B", 1)];

    public static bool TryParse(string text, out long bytes)
    {
        var (unit, factor) = Array.Find(Units, entry => text.EndsWith(entry.Unit, StringComparison.OrdinalIgnoreCase));
        var number = text.AsSpan(0, text.Length - (unit?.Length ?? 0)).Trim();
        var parsed = long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out bytes) && bytes <= long.MaxValue >> 30;
        bytes *= unit is null ? 1 : factor;
        return parsed;
    }

    public static string Format(long bytes)
    {
        var (unit, factor) = Array.Find(Units, entry => bytes >= entry.Bytes && bytes % entry.Bytes == 0);
        return unit is null ? "0 B" : $"{bytes / factor} {unit}";
    }
}
