using System.Text.RegularExpressions;
using TokenBroker.TestSupport;

namespace TokenBroker.EndToEnd.Docs;

/// <summary>A document whose blocks are run as they stand, but for names and addresses that a reader would put in as well.</summary>
internal static class Guide
{
    public static IReadOnlyList<string> Blocks(string document, string language)
    {
        var text = File.ReadAllText(Repository.PathOf(document));
        return [.. Regex.Matches(text, $"^```{language}\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline).Select(match => match.Groups[1].Value)];
    }

    /// <summary>The one line of a shell block that begins so.</summary>
    public static string Command(string document, string start) =>
        Blocks(document, "bash").SelectMany(block => block.Split('\n')).Single(line => line.StartsWith(start, StringComparison.Ordinal));
}
