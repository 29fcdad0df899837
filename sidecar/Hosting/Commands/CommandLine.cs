using System.CommandLine;
using System.CommandLine.Parsing;
using TokenBroker.Configuration;
using TokenBroker.Configuration.Reading;
using TokenBroker.Logging;

namespace TokenBroker.Hosting.Commands;

/// <summary>The command line: the sidecar itself, which runs without a subcommand, and its subcommands.</summary>
internal static class CommandLine
{
    private const string Description =
        "Attaches a managed identity's token to blob requests, so that clients need no key. "
        + "Point clients at http://127.0.0.1:11000/ACCOUNT. Without a command, the sidecar runs until it gets a shutdown signal. "
        + "If something does not work, run 'tokenbroker check' with the same options.";

    /// <summary>If the output cannot be written (disk full, reader gone), the process ends with a sentence too.</summary>
    public static async Task<int> RunAsync(string[] arguments, ProcessEnvironment environment, Func<BrokerOptions, Task<int>> run)
    {
        try
        {
            return await AnswerAsync(arguments, environment, run);
        }
        catch (IOException error)
        {
            StandardStream.Say($"Cannot write the output: {error.Message}");
            return ExitCode.Failure;
        }
    }

    private static async Task<int> AnswerAsync(string[] arguments, ProcessEnvironment environment, Func<BrokerOptions, Task<int>> run)
    {
        var rootSettings = new SettingOptions(_ => true, _ => true);
        var root = new RootCommand(Description);
        rootSettings.AddTo(root);
        var subcommands = new Dictionary<Command, (Subcommand Subcommand, SettingOptions Settings)>();
        foreach (var subcommand in Subcommand.All())
            subcommands.Add(AddTo(root, subcommand, out var settings), (subcommand, settings));

        var parsed = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        // Help and version have their own actions.
        if (parsed.Errors.Count == 0 && parsed.Action is not null)
            return await parsed.InvokeAsync(new() { EnableDefaultExceptionHandler = false });

        var called = subcommands.TryGetValue(parsed.CommandResult.Command, out var found) ? found.Subcommand : null;
        IReadOnlyList<SettingOptions> options = called is null ? [rootSettings] : [rootSettings, found.Settings];
        var faults = Faults(parsed).ToList();
        var result = BrokerConfiguration.Read(
            SettingOptions.Read(parsed, options, faults), SettingOptions.FileOf(parsed, options), environment, faults,
            called?.NeedsAccount ?? true, called?.ToRun ?? true);
        if (result.Options is null)
            return await RefuseAsync([.. result.Faults]);
        return called is null ? await run(result.Options) : await called.RunAsync(new(parsed, result.Options, environment));
    }

    /// <summary>Prints the faults of the settings, one line for each.</summary>
    public static Task<int> RefuseAsync(params IReadOnlyList<ConfigurationFault> faults)
    {
        StandardStream.Say(faults.Select(fault => fault.ToString()));
        return Task.FromResult(ExitCode.Configuration);
    }

    private static Command AddTo(RootCommand root, Subcommand subcommand, out SettingOptions settings)
    {
        var command = new Command(subcommand.Name, subcommand.Description);
        foreach (var option in subcommand.Options)
            command.Options.Add(option);
        settings = subcommand.CreateSettingOptions();
        settings.AddTo(command);
        root.Subcommands.Add(command);
        return command;
    }

    private static IEnumerable<ConfigurationFault> Faults(ParseResult parsed)
    {
        // An unexpected argument may be a key or a SAS that was pasted, so it is not printed.
        foreach (var word in parsed.UnmatchedTokens)
        {
            yield return word.StartsWith('-')
                ? new(word.Split('=')[0], null, "unknown option; --help lists all options")
                : new("command line", null, "unexpected argument; --help shows the options and their values");
        }

        foreach (var error in parsed.Errors)
        {
            if (error.SymbolResult is OptionResult { Option: var option })
                yield return new(option.Name, null, error.Message);
        }
    }
}
