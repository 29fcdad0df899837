using System.Text.RegularExpressions;
using TokenBroker.TestSupport;

namespace TokenBroker.EndToEnd.ClientMatrix;

/// <summary>The lines that docs/clients.md tells a reader to use: tests run them as they stand, so that they cannot drift.</summary>
internal static class DocumentedLines
{
    public const string Document = "docs/clients.md";

    /// <summary>The first fenced block under the client's heading.</summary>
    public static string Of(Client client) => Under($"### {client.Heading}");

    /// <summary>The first fenced block under a heading.</summary>
    public static string Under(string heading)
    {
        var text = File.ReadAllText(Repository.PathOf(Document));
        var section = Regex.Match(text, $@"^{Regex.Escape(heading)}\n(.*?)(?=^#|\z)", RegexOptions.Multiline | RegexOptions.Singleline);
        if (!section.Success)
            throw new InvalidOperationException($"{Document} has no heading '{heading}'.");
        var block = Regex.Match(section.Groups[1].Value, @"^```\w*\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline);
        return block.Success ? block.Groups[1].Value : throw new InvalidOperationException($"{Document} has no block under '{heading}'.");
    }
}
