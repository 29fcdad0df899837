using System.CommandLine;
using TokenBroker.Configuration.Reading;

namespace TokenBroker.Hosting.Commands;

/// <summary>
/// The options of one command that are settings. They are made from <see cref="SettingTable"/>, and become settings like
/// those of the configuration file, so all settings are checked in one place.
/// </summary>
internal sealed class SettingOptions
{
    private readonly Dictionary<SettingRow, Option<string[]>> _rows;
    private readonly Option<string> _file = new("--config") { Description = "JSON file with settings.", HelpName = "FILE" };

    /// <param name="takes">The settings that the command accepts.</param>
    /// <param name="shows">Those of them that its help shows.</param>
    public SettingOptions(Func<SettingRow, bool> takes, Func<SettingRow, bool> shows) =>
        _rows = SettingTable.Rows.Where(row => row.Option is not null && takes(row)).ToDictionary(row => row, row => MakeOption(row, !shows(row)));

    public void AddTo(Command command)
    {
        command.Options.Add(_file);
        foreach (var option in _rows.Values)
            command.Options.Add(option);
    }

    /// <summary>The configuration file that was named before or after the subcommand.</summary>
    public static string? FileOf(ParseResult parsed, IEnumerable<SettingOptions> commands) =>
        commands.SelectMany(command => TextsOf(parsed, command._file)).FirstOrDefault();

    /// <summary>The settings from the options of the root command and of the subcommand together.</summary>
    public static List<Setting> Read(ParseResult parsed, IReadOnlyList<SettingOptions> commands, List<ConfigurationFault> faults) =>
        [.. SettingTable.Rows.Where(row => row.Option is not null).SelectMany(row =>
            SettingsOf(row, [.. commands.SelectMany(command => command.ValuesOf(parsed, row))], faults))];

    /// <summary>The text of an option's values: reading the parsed value would throw if the option has a fault.</summary>
    public static string[] TextsOf(ParseResult parsed, Option option) =>
        [.. (parsed.GetResult(option)?.Tokens ?? []).Select(token => token.Value)];

    /// <summary>A switch has no argument: its presence means true.</summary>
    private string[] ValuesOf(ParseResult parsed, SettingRow row) =>
        !_rows.TryGetValue(row, out var option) ? []
        : row.Argument is not null ? TextsOf(parsed, option)
        : parsed.GetResult(option) is { Implicit: false } ? ["true"]
        : [];

    private static Option<string[]> MakeOption(SettingRow row, bool hidden) => new(row.Option!)
    {
        Description = row.Default is "none" or "false" ? row.Meaning : $"{row.Meaning} [default: {row.Default}]",
        HelpName = row.Argument,
        Arity = row.Argument is null ? ArgumentArity.Zero : ArgumentArity.OneOrMore,
        Hidden = hidden,
    };

    private static IEnumerable<Setting> SettingsOf(SettingRow row, string[] values, List<ConfigurationFault> faults)
    {
        if (row.Key == SettingTable.AccountEndpoint)
            return AccountSettings(row, values, faults);
        if (row.Repeatable)
            return values.Select((value, index) => new Setting($"{row.Key}:{index}", value, row.Option!));
        if (values.Length > 1)
            faults.Add(new(row.Option!, string.Join(" ", values), "is given more than once; give it once"));
        return values.Take(1).Select(value => new Setting(row.Key, value, row.Option!));
    }

    private static IEnumerable<Setting> AccountSettings(SettingRow row, string[] values, List<ConfigurationFault> faults)
    {
        var names = values.GroupBy(NameOf, StringComparer.OrdinalIgnoreCase).ToList();
        foreach (var same in names.Where(group => group.Count() > 1))
            faults.Add(new(row.Option!, same.Key, "is given more than once; give each account once"));
        foreach (var value in names.Select(group => group.First()))
        {
            var name = NameOf(value);
            if (name.Length == 0 || name.Contains(':', StringComparison.Ordinal))
                faults.Add(new(row.Option!, value, "write NAME or NAME=ENDPOINT"));
            else
                yield return name.Length == value.Length
                    ? new($"Accounts:{name}", "", row.Option!)
                    : new($"Accounts:{name}:Endpoint", value[(name.Length + 1)..], row.Option!);
        }

        static string NameOf(string value) => value.Split('=', 2)[0];
    }
}
