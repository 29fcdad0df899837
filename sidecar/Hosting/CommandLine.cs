using System.CommandLine;
using System.CommandLine.Parsing;
using TokenBroker.Configuration;

namespace TokenBroker.Hosting;

/// <summary>
/// The command line. Its options are made from <see cref="SettingTable"/>, and become settings like those of the
/// configuration file: what they say is judged in one place.
/// </summary>
internal static class CommandLine
{
    private const string Description =
        "Attaches the managed identity's token to blob requests, so that a client needs no key. "
        + "Point it at http://127.0.0.1:11000/ACCOUNT.";

    public static async Task<int> RunAsync(string[] arguments, ProcessEnvironment environment, Func<BrokerOptions, Task<int>> run)
    {
        var rows = SettingTable.Rows.Where(row => row.Option is not null).ToDictionary(row => row, MakeOption);
        var file = new Option<string>("--config") { Description = "JSON file of settings, per account too.", HelpName = "FILE" };
        var command = new RootCommand(Description) { file };
        foreach (var option in rows.Values)
            command.Options.Add(option);

        var key = new Command(KeyCommand.Name, KeyCommand.Description) { file, rows.Single(pair => pair.Key.Key == SettingTable.AccountEndpoint).Value, rows.Single(pair => pair.Key.Key == "Listen").Value };
        command.Subcommands.Add(key);

        var parsed = command.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        // Help and version have actions of their own; everything else is ours.
        if (parsed.Errors.Count == 0 && parsed.Action is not null)
            return await parsed.InvokeAsync();

        var faults = Faults(parsed).ToList();
        var settings = rows.SelectMany(row => Settings(row.Key, Values(parsed, row.Key, row.Value), faults)).ToList();
        var asksForKey = parsed.CommandResult.Command == key;
        var result = BrokerConfiguration.Read(settings, TextsOf(parsed, file).FirstOrDefault(), environment, faults, toRun: !asksForKey);
        if (asksForKey && KeyCommand.Answer(result) is { } answer)
        {
            await Console.Out.WriteAsync(answer);
            return ExitCode.Success;
        }

        if (result.Options is { } options)
            return await run(options);
        foreach (var fault in result.Faults)
            await Console.Error.WriteLineAsync($"tokenbroker: {fault}");
        return ExitCode.Configuration;
    }

    private static Option<string[]> MakeOption(SettingRow row) => new(row.Option!)
    {
        Description = row.Default is "none" or "false" ? row.Meaning : $"{row.Meaning} [default: {row.Default}]",
        HelpName = row.Argument,
        Arity = row.Argument is null ? ArgumentArity.Zero : ArgumentArity.OneOrMore,
    };

    private static IEnumerable<ConfigurationFault> Faults(ParseResult parsed)
    {
        // A word that belongs nowhere may be a key or a SAS that was pasted: it is not repeated.
        foreach (var word in parsed.UnmatchedTokens)
        {
            yield return word.StartsWith('-')
                ? new(word.Split('=')[0], null, "is no option; --help lists them all")
                : new("command line", null, "a word is no option, nor the value of one; --help shows what each option takes");
        }

        foreach (var error in parsed.Errors)
        {
            if (error.SymbolResult is OptionResult { Option: var option })
                yield return new(option.Name, null, error.Message);
        }
    }

    /// <summary>A switch takes no argument: that it is there says true.</summary>
    private static string[] Values(ParseResult parsed, SettingRow row, Option<string[]> option) =>
        row.Argument is not null ? TextsOf(parsed, option)
        : parsed.GetResult(option) is { Implicit: false } ? ["true"]
        : [];

    /// <summary>What stands behind an option, as written: its value would throw if the option is faulty.</summary>
    private static string[] TextsOf(ParseResult parsed, Option option) =>
        [.. (parsed.GetResult(option)?.Tokens ?? []).Select(token => token.Value)];

    private static IEnumerable<Setting> Settings(SettingRow row, string[] values, List<ConfigurationFault> faults)
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
