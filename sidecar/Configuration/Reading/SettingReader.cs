using System.Globalization;

namespace TokenBroker.Configuration.Reading;

/// <summary>
/// Takes typed values out of the merged settings, records every fault, and knows which settings were never read.
/// </summary>
internal sealed class SettingReader(Dictionary<string, Setting> settings, List<ConfigurationFault> faults)
{
    private readonly HashSet<string> _taken = new(StringComparer.OrdinalIgnoreCase);

    public delegate bool Parser<T>(string text, out T value, out string problem);

    public Setting? Take(string key)
    {
        _taken.Add(key);
        return settings.GetValueOrDefault(key);
    }

    public T Read<T>(string key, T fallback, Parser<T> parse)
    {
        if (Take(key) is not { } setting)
            return fallback;
        if (parse(setting.Value, out var value, out var problem))
            return value;
        Fault(setting, problem);
        return fallback;
    }

    /// <summary>True if a source gave the setting.</summary>
    public bool Has(string key) => settings.ContainsKey(key);

    public bool ReadSwitch(string key, bool fallback = false) => Read(key, fallback, (string text, out bool value, out string problem) =>
    {
        problem = "write true or false";
        return bool.TryParse(text, out value);
    });

    public TimeSpan ReadDuration(string key, TimeSpan fallback, TimeSpan least, TimeSpan most) =>
        Read(key, fallback, (string text, out TimeSpan value, out string problem) =>
        {
            problem = $"write a duration from {Text(least)} to {Text(most)}, as in 500ms, 10s, 5m or 00:05:00";
            return TryParseDuration(text, out value) && value >= least && value <= most;
        });

    public int ReadCount(string key, int fallback, int least, int most) =>
        Read(key, fallback, (string text, out int value, out string problem) =>
        {
            problem = $"write a whole number from {least} to {most}";
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value)
                && value >= least && value <= most;
        });

    /// <summary>The elements of a list, in order.</summary>
    public IReadOnlyList<Setting> TakeList(string key)
    {
        var items = new List<Setting>();
        for (var index = 0; Take($"{key}:{index}") is { } item; index++)
            items.Add(item);
        return items;
    }

    /// <summary>An empty list in a file; null if there is none.</summary>
    public Setting? TakeEmptyList(string key) => settings.GetValueOrDefault(key) is { Value.Length: 0 } ? Take(key) : null;

    /// <summary>The names one level below a key: the accounts, for <c>Accounts</c>.</summary>
    public IReadOnlyList<string> Children(string key) =>
        [.. settings.Keys
            .Where(k => k.StartsWith(key + ":", StringComparison.OrdinalIgnoreCase))
            .Select(k => k[(key.Length + 1)..].Split(':')[0])
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .Order(StringComparer.Ordinal)];

    public IEnumerable<Setting> Untaken() =>
        settings.Values.Where(setting => !_taken.Contains(setting.Key)).OrderBy(setting => setting.Key, StringComparer.Ordinal);

    public void Fault(Setting setting, string cure) => faults.Add(new(setting.Origin, setting.Value, cure));

    internal static bool TryParseDuration(string text, out TimeSpan value)
    {
        value = default;
        foreach (var (unit, seconds) in new[] { ("ms", 0.001), ("s", 1.0), ("m", 60.0), ("h", 3600.0) })
        {
            if (!text.EndsWith(unit, StringComparison.Ordinal) || text.Length == unit.Length)
                continue;
            if (!double.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint,
                    CultureInfo.InvariantCulture, out var count) || !double.IsFinite(count) || count * seconds > TimeSpan.MaxValue.TotalSeconds / 2)
                continue;
            value = TimeSpan.FromSeconds(count * seconds);
            return true;
        }

        return text.Contains(':', StringComparison.Ordinal)
            && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out value);
    }

    private static string Text(TimeSpan span) => span switch
    {
        { TotalHours: >= 1 } => $"{span.TotalHours:0.##}h",
        { TotalMinutes: >= 1 } => $"{span.TotalMinutes:0.##}m",
        { TotalSeconds: >= 1 } => $"{span.TotalSeconds:0.##}s",
        _ => $"{span.TotalMilliseconds:0.##}ms",
    };
}
