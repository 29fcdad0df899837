namespace TokenBroker.Configuration.Reading;

/// <summary>One row: a setting's name in configuration, its option on the command line if it has one, and its meaning.</summary>
/// <param name="Key">Path in configuration, parts joined by ':'; <c>NAME</c> is a placeholder for an account's name.</param>
/// <param name="Option">The option for the same setting; null if there is none.</param>
/// <param name="Argument">What the option takes, as shown in the help; null for a switch.</param>
/// <param name="Default">The default, as text.</param>
/// <param name="Meaning">A sentence for the help text and for docs/configuration.md.</param>
internal sealed record SettingRow(
    string Key, string? Option, string? Argument, string Default, string Meaning, bool Repeatable = false);
