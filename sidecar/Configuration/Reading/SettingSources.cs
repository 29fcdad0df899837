using System.Text.Json;

namespace TokenBroker.Configuration.Reading;

/// <summary>
/// Reads the three sources of settings into flat lists of key and value. Later sources win: configuration file,
/// then <c>TOKENBROKER__…</c> variables, then the command line. Nothing else is read.
/// </summary>
internal static class SettingSources
{
    public const string VariablePrefix = "TOKENBROKER__";

    public static IEnumerable<Setting> FromEnvironment(ProcessEnvironment environment) =>
        from variable in environment.Variables
        where variable.Key.StartsWith(VariablePrefix, StringComparison.OrdinalIgnoreCase)
        orderby variable.Key
        select new Setting(
            variable.Key[VariablePrefix.Length..].Replace("__", ":", StringComparison.Ordinal),
            variable.Value, variable.Key);

    /// <summary>Reads a JSON file; comments and trailing commas are allowed, a key given twice is not.</summary>
    public static IReadOnlyList<Setting> FromFile(string path, List<ConfigurationFault> faults)
    {
        try
        {
            using var stream = File.OpenRead(path);
            using var document = JsonDocument.Parse(stream, new JsonDocumentOptions
            {
                CommentHandling = JsonCommentHandling.Skip,
                AllowTrailingCommas = true,
                AllowDuplicateProperties = false,
            });
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                var settings = new List<Setting>();
                Flatten(document.RootElement, "", path, settings);
                return settings;
            }

            faults.Add(new("--config", path, "the file must contain one JSON object"));
        }
        catch (JsonException error)
        {
            // A property that is given twice has no line.
            var where = error.LineNumber is { } line ? $" (line {line + 1})" : "";
            faults.Add(new("--config", path, $"not valid JSON{where}: {FirstSentence(error.Message)}"));
        }
        catch (InvalidOperationException)
        {
            faults.Add(new("--config", path, "the file has text that is not valid Unicode"));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            faults.Add(new("--config", path, $"cannot be read: {error.Message}"));
        }

        return [];
    }

    /// <summary>
    /// Merges the sources. A list in a later source replaces the earlier list as a whole. Keys are case-insensitive, so two
    /// spellings of one setting in the same source are a fault: one of them would silently win.
    /// </summary>
    public static Dictionary<string, Setting> Merge(List<ConfigurationFault> faults, params IEnumerable<Setting>[] sources)
    {
        var merged = new Dictionary<string, Setting>(StringComparer.OrdinalIgnoreCase);
        foreach (var source in sources)
        {
            var settings = source.Where(setting => AccountSettings.HasGoodName(setting, faults)).Select(AsElement).ToList();
            foreach (var same in settings.GroupBy(setting => setting.Key, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1))
                faults.Add(new(string.Join(" and ", same.Select(setting => setting.Origin)), null, "set the same setting; give it only once"));
            var lists = settings.Select(ListOf).OfType<string>().ToHashSet(StringComparer.OrdinalIgnoreCase);
            foreach (var key in merged.Keys.Where(key => lists.Any(list => IsUnder(key, list))).ToList())
                merged.Remove(key);
            foreach (var setting in settings)
                merged[setting.Key] = setting;
        }

        return merged;
    }

    private static Setting AsElement(Setting setting) =>
        SettingTable.ListsOrValues.Contains(setting.Key, StringComparer.OrdinalIgnoreCase) ? setting with { Key = setting.Key + ":0" } : setting;

    /// <summary>The key of the list that a setting like <c>Hosts:0</c> is an element of; null for others.</summary>
    private static string? ListOf(Setting setting)
    {
        var parts = setting.Key.Split(':');
        string InAccount(string list) => list.StartsWith("Accounts:NAME:", StringComparison.Ordinal) && parts.Length > 1
            ? $"Accounts:{parts[1]}:{list["Accounts:NAME:".Length..]}"
            : list;
        return SettingTable.Lists.Select(InAccount).FirstOrDefault(list => IsUnder(setting.Key, list));
    }

    private static bool IsUnder(string key, string list) =>
        key.Length > list.Length && key[list.Length] == ':' && key.StartsWith(list, StringComparison.OrdinalIgnoreCase);

    private static void Flatten(JsonElement element, string key, string path, List<Setting> settings)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                // An empty object has a meaning: "Accounts": { "photos": {} } names an account.
                if (key.Length > 0 && !element.EnumerateObject().Any())
                    settings.Add(new(key, "", $"{path}: {key}"));
                foreach (var property in element.EnumerateObject())
                    // A colon in a name would look like two names, so the key is made unknown.
                    Flatten(property.Value, property.Name.Contains(':') ? $"{key}:'{property.Name.Replace(':', '/')}'" : key.Length == 0 ? property.Name : $"{key}:{property.Name}", path, settings);
                break;
            case JsonValueKind.Array:
                // So does an empty list in a policy: it would allow nothing and must not be treated as no rule. An empty
                // list of listeners is a fault, not the default.
                if (element.GetArrayLength() == 0 && (key.StartsWith("Accounts:", StringComparison.OrdinalIgnoreCase)
                    || SettingTable.ListsOrValues.Contains(key, StringComparer.OrdinalIgnoreCase)))
                    settings.Add(new(key, "", $"{path}: {key}"));
                foreach (var (index, item) in element.EnumerateArray().Index())
                    Flatten(item, $"{key}:{index}", path, settings);
                break;
            default:
                settings.Add(new(key, element.ToString(), $"{path}: {key}"));
                break;
        }
    }

    private static string FirstSentence(string message)
    {
        var end = message.IndexOf(". ", StringComparison.Ordinal);
        return end < 0 ? message : message[..end];
    }
}
