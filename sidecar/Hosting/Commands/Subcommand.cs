using System.CommandLine;

namespace TokenBroker.Hosting.Commands;

/// <summary>A subcommand of <c>tokenbroker</c>.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Description">Its help.</param>
/// <param name="RunAsync">What it does; gives the exit code.</param>
internal sealed record Subcommand(string Name, string Description, Func<Invocation, Task<int>> RunAsync)
{
    /// <summary>Options of its own.</summary>
    public IReadOnlyList<Option> Options { get; init; } = [];

    /// <summary>The settings that it accepts as options; null for all, like the sidecar itself.</summary>
    public IReadOnlyList<string>? Takes { get; init; }

    /// <summary>
    /// The settings that its help shows; null for all that it accepts. A command that needs only a few settings still
    /// accepts all of the sidecar's options, so that one list of arguments can be used for both.
    /// </summary>
    public IReadOnlyList<string>? Shows { get; init; }

    /// <summary>False for commands that do not need an account.</summary>
    public bool NeedsAccount { get; init; } = true;

    /// <summary>False for commands that need valid settings, but not all settings that are required to run.</summary>
    public bool ToRun { get; init; } = true;

    public static IReadOnlyList<Subcommand> All() =>
        [CheckCommand.Create(), ProbeCommand.Create(), WaitCommand.Create(), EnvCommand.Create(), KeyCommand.Create()];

    public SettingOptions CreateSettingOptions() =>
        new(row => Takes?.Contains(row.Key) ?? true, row => Shows?.Contains(row.Key) ?? true);
}
