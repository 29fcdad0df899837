namespace TokenBroker.Configuration.Reading;

/// <summary>
/// Reads <c>Accounts:NAME:Policy:…</c>. A policy that would not do what it says is a fault: an empty list, contradictory
/// rules, or ReportOnly without a rule.
/// </summary>
internal static class PolicySettings
{
    private static readonly string Words = string.Join(", ", BlobOperationWords.All.Select(operation => operation.Word()));

    /// <returns>The policy; null if the account has none.</returns>
    public static PolicyOptions? Read(SettingReader reader, string account)
    {
        var key = account + ":Policy";
        if (reader.Take(key) is { } itself)
            reader.Fault(itself, "write an object with a rule in it: ReadOnly, Containers or Operations");
        var readOnly = reader.ReadSwitch(key + ":ReadOnly");
        var containers = ReadContainers(reader, key + ":Containers");
        var operations = ReadOperations(reader, key + ":Operations", out var named);
        var reportOnly = reader.ReadSwitch(key + ":ReportOnly");

        if (readOnly && operations is { } more && (more & ~PolicyOptions.ReadOnly) != 0)
            reader.Fault(named[0] with { Value = (more & ~PolicyOptions.ReadOnly).Words() }, "ReadOnly allows only read and list; remove ReadOnly or these operations");
        if (containers is not null && operations is { } all && all.HasFlag(BlobOperations.Delegate))
            reader.Fault(named[0] with { Value = "delegate" }, "gives a key for the whole account, not only for the containers that the policy names; remove delegate or Containers");
        if (!readOnly && containers is null && operations is null)
        {
            if (reportOnly)
                reader.Fault(reader.Take(key + ":ReportOnly")!, "has no rule to report on; add ReadOnly, Containers or Operations");
            return null;
        }

        return new()
        {
            Containers = containers,
            Operations = operations ?? (readOnly ? PolicyOptions.ReadOnly : PolicyOptions.Usual),
            ReportOnly = reportOnly,
        };
    }

    private static List<string>? ReadContainers(SettingReader reader, string key)
    {
        var items = reader.TakeList(key);
        FaultIfEmpty(reader, key, items, "names no container and would allow none; add some, or remove the setting");
        foreach (var item in items.Where(item => !IsPattern(item.Value)))
            reader.Fault(item, "write a container's name, or the beginning of a name and a *, as in logs-*");
        return items.Count == 0 ? null : [.. items.Select(item => item.Value)];
    }

    private static BlobOperations? ReadOperations(SettingReader reader, string key, out IReadOnlyList<Setting> items)
    {
        items = reader.TakeList(key);
        FaultIfEmpty(reader, key, items, "names no operation and would allow none; add some, or remove the setting");
        var operations = BlobOperations.None;
        foreach (var item in items)
        {
            var operation = BlobOperationWords.All.FirstOrDefault(one => one.Word().Equals(item.Value, StringComparison.OrdinalIgnoreCase));
            if (operation == BlobOperations.None)
                reader.Fault(item, $"unknown operation; the operations are {Words}");
            operations |= operation;
        }

        if (operations.HasFlag(BlobOperations.Write))
            operations |= BlobOperations.Create;
        return items.Count == 0 ? null : operations;
    }

    /// <summary>An empty list in a file has a meaning and must not be treated as a missing list.</summary>
    private static void FaultIfEmpty(SettingReader reader, string key, IReadOnlyList<Setting> items, string cure)
    {
        if (items.Count == 0 && reader.TakeEmptyList(key) is { } empty)
            reader.Fault(empty, cure);
    }

    private static bool IsPattern(string text)
    {
        var prefix = text.EndsWith('*');
        var name = prefix ? text[..^1] : text;
        if (name.StartsWith('$'))
            return name.Skip(1).All(char.IsAsciiLetterLower) && (prefix || name.Length > 1);
        return name.Length >= (prefix ? 1 : 3) && name.Length <= 63
            && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')
            && name[0] != '-' && (prefix || name[^1] != '-') && !name.Contains("--", StringComparison.Ordinal);
    }
}
