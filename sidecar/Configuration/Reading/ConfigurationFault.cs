namespace TokenBroker.Configuration.Reading;

/// <summary>
/// One thing that is wrong with the settings. If there are any at the start, each is printed on one line, and the exit code
/// is 2.
/// </summary>
/// <param name="Setting">Where the user wrote it: an option, a variable, or a key of the configuration file.</param>
/// <param name="Value">The value; null if there is none.</param>
/// <param name="Cure">What is wrong and what to write instead, as a sentence.</param>
internal sealed record ConfigurationFault(string Setting, string? Value, string Cure)
{
    public override string ToString() =>
        Value is null ? $"{Setting}: {Cure}" : $"{Setting} '{OneLine(Value)}': {Cure}";

    /// <summary>
    /// The value on one line, without what may be secret: a query may be a SAS, a connection string has a key, and an
    /// address may have a password before its host.
    /// </summary>
    private static string OneLine(string value)
    {
        var secret = value.AsSpan().IndexOfAny('?', ';');
        if (secret >= 0)
            value = value[..(secret + 1)] + "…";
        var scheme = value.IndexOf("//", StringComparison.Ordinal);
        var host = scheme < 0 ? -1 : value.IndexOf('@', scheme);
        if (host >= 0)
            value = value[..(scheme + 2)] + "…" + value[host..];
        var line = string.Concat(value.Select(c => char.IsControl(c) ? '?' : c));
        return line.Length <= 200 ? line : line[..200] + "…";
    }
}
