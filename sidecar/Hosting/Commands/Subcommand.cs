using System.CommandLine;
using TokenBroker.Configuration;

namespace TokenBroker.Hosting.Commands;

/// <summary>A subcommand was called with settings that have no faults.</summary>
internal sealed record Invocation(ParseResult Parsed, BrokerOptions Options, ProcessEnvironment Environment)
{
    /// <summary>What stands behind an option of the subcommand's own; null if it was not given.</summary>
    public string? TextOf(Option option) => SettingOptions.TextsOf(Parsed, option).FirstOrDefault();

    public bool Has(Option option) => Parsed.GetResult(option) is { Implicit: false };
}

/// <summary>One of the things that <c>tokenbroker</c> can do besides running.</summary>
/// <param name="Name">Its word on the command line.</param>
/// <param name="Description">Its help.</param>
/// <param name="RunAsync">What it does; gives the exit code.</param>
internal sealed record Subcommand(string Name, string Description, Func<Invocation, Task<int>> RunAsync)
{
    /// <summary>Options of its own.</summary>
    public IReadOnlyList<Option> Options { get; init; } = [];

    /// <summary>The settings that it takes as options; null for all, as the sidecar itself.</summary>
    public IReadOnlyList<string>? Takes { get; init; }

    /// <summary>
    /// The settings that its help shows; null for all that it takes. A command that needs a few takes all the same what
    /// the sidecar takes, so that one list of arguments does for both.
    /// </summary>
    public IReadOnlyList<string>? Shows { get; init; }

    /// <summary>False for what can be done without an account.</summary>
    public bool NeedsAccount { get; init; } = true;

    /// <summary>False for what needs settings that are right, but not all that it takes to run.</summary>
    public bool ToRun { get; init; } = true;

    public static IReadOnlyList<Subcommand> All() =>
        [CheckCommand.Create(), ProbeCommand.Create(), WaitCommand.Create(), EnvCommand.Create(), KeyCommand.Create()];

    public SettingOptions CreateSettingOptions() =>
        new(row => Takes?.Contains(row.Key) ?? true, row => Shows?.Contains(row.Key) ?? true);
}
