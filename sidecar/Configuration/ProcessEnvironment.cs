using System.Collections;

namespace TokenBroker.Configuration;

/// <summary>
/// The environment variables, read once at start. No other code of the product reads them: other code gets what it needs as
/// arguments, so that tests can pass other values.
/// </summary>
internal sealed class ProcessEnvironment
{
    private readonly Dictionary<string, string> _variables;

    public ProcessEnvironment(IEnumerable<KeyValuePair<string, string>> variables) =>
        // Names are case-sensitive on Unix but not on Windows; all names that we look for are upper-case.
        _variables = new Dictionary<string, string>(variables, StringComparer.Ordinal);

    public static ProcessEnvironment Empty { get; } = new([]);

    public IEnumerable<KeyValuePair<string, string>> Variables => _variables;

    /// <summary>The variable's value; null when it is not set or empty, which platforms use to mean the same.</summary>
    public string? this[string name] =>
        _variables.TryGetValue(name, out var value) && value.Length > 0 ? value : null;

    public static ProcessEnvironment Read()
    {
#pragma warning disable RS0030 // This is the place that the ban points to.
        var variables = Environment.GetEnvironmentVariables();
#pragma warning restore RS0030
        return new(variables.Cast<DictionaryEntry>().Select(
            entry => KeyValuePair.Create((string)entry.Key, entry.Value as string ?? "")));
    }
}
