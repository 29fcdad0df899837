namespace TokenBroker.Configuration.Reading;

/// <summary>The sentence for a setting that does not exist, with the nearest one that does.</summary>
internal static class UnknownSetting
{
    public static string Cure(string key)
    {
        var parts = key.Split(':');
        if (parts is ["Accounts" or "accounts", _, ..])
            return AccountCure(parts);
        if (SettingTable.Lists.FirstOrDefault(list => key.Split(':')[0].Equals(list, StringComparison.OrdinalIgnoreCase)) is { } known)
            return $"{known} is a list: [ \"…\" ] in a file, {SettingSources.VariablePrefix}{known}__0, …__1 and so on as variables";
        return Near(key, SettingTable.Rows.Select(row => row.Key)) is { } near
            ? $"no such setting; did you mean {near}?"
            : "no such setting; docs/configuration.md lists all settings, and --help lists the options";
    }

    private static string AccountCure(string[] parts)
    {
        var key = string.Join(':', parts.Skip(2));
        if (SettingTable.AccountKeys.FirstOrDefault(known => (key + ":").StartsWith(known + ":", StringComparison.OrdinalIgnoreCase)) is { } list
            && SettingTable.Lists.Contains("Accounts:NAME:" + list))
            return $"{list} is a list: [ \"…\" ] in a file, {SettingSources.VariablePrefix}Accounts__{parts[1]}__{list.Replace(":", "__", StringComparison.Ordinal)}__0, …__1 and so on as variables";
        return Near(key, SettingTable.AccountKeys) is { } near
            ? $"no such setting; did you mean Accounts:{parts[1]}:{near}?"
            : $"no such setting; an account has {string.Join(", ", SettingTable.AccountKeys)}";
    }

    private static string? Near(string key, IEnumerable<string> known) =>
        known.Select(name => (name, distance: Distance(key.ToUpperInvariant(), name.ToUpperInvariant())))
            .Where(candidate => candidate.distance <= Math.Max(2, key.Length / 4))
            .OrderBy(candidate => candidate.distance)
            .Select(candidate => candidate.name)
            .FirstOrDefault();

    /// <summary>Levenshtein's distance: how many letters to add, drop or change.</summary>
    private static int Distance(string a, string b)
    {
        var previous = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var current = new int[b.Length + 1];
            current[0] = i;
            for (var j = 1; j <= b.Length; j++)
                current[j] = Math.Min(
                    Math.Min(current[j - 1], previous[j]) + 1, previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
            previous = current;
        }

        return previous[^1];
    }
}
