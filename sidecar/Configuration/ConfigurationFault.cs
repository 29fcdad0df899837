namespace TokenBroker.Configuration;

/// <summary>One thing that is wrong with the settings. A start that finds any prints each on a line and ends with code 2.</summary>
/// <param name="Setting">Where the user wrote it: an option, a variable, or a key of the configuration file.</param>
/// <param name="Value">What stands there; null where nothing does.</param>
/// <param name="Cure">What is wrong and what to write instead, as a sentence.</param>
internal sealed record ConfigurationFault(string Setting, string? Value, string Cure)
{
    public override string ToString() =>
        Value is null ? $"{Setting}: {Cure}" : $"{Setting} '{OneLine(Value)}': {Cure}";

    private static string OneLine(string value)
    {
        var line = string.Concat(value.Select(c => char.IsControl(c) ? '?' : c));
        return line.Length <= 200 ? line : line[..200] + "…";
    }
}
