using System.Text.RegularExpressions;

namespace TokenBroker.EndToEnd.ClientMatrix;

/// <summary>What lines of a shell put into the environment: <c>export NAME='value'</c>.</summary>
internal static partial class ExportedVariables
{
    public static IReadOnlyDictionary<string, string?> Of(string lines) =>
        Export().Matches(lines).ToDictionary(export => export.Groups[1].Value, string? (export) => export.Groups[2].Value);

    [GeneratedRegex("^export ([A-Z_]+)='([^']*)'$", RegexOptions.Multiline)]
    private static partial Regex Export();
}
