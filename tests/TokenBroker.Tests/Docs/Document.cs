using System.Text.RegularExpressions;

namespace TokenBroker.Tests.Docs;

/// <summary>One Markdown file of the checkout, and the parts of it that tests look at.</summary>
internal sealed partial class Document
{
    private Document(string path) => (Path, Text) = (path, File.ReadAllText(Repository.Path(path.Split('/'))));

    /// <summary>From the root of the checkout, with slashes.</summary>
    public string Path { get; }

    public string Text { get; }

    public static Document Of(string path) => new(path);

    /// <summary>The documents for people who use or change the product.</summary>
    public static IEnumerable<Document> All() =>
        from file in Directory.GetFiles(Repository.Path("docs"), "*.md", SearchOption.AllDirectories)
            .Prepend(Repository.Path("README.md")).Append(Repository.Path("compose", "imds", "README.md")).Order(StringComparer.Ordinal)
        select Of(System.IO.Path.GetRelativePath(Repository.Path(), file).Replace('\\', '/'));

    /// <summary>The fenced blocks of one language; those without a language for the empty one.</summary>
    public IEnumerable<string> Blocks(string language) =>
        Fence().Matches(Text).Where(match => match.Groups[1].Value == language).Select(match => match.Groups[2].Value);

    /// <summary>Lines of shell blocks as they are typed: continuation lines joined, prompts removed, comments and outputs left out.</summary>
    public IEnumerable<string> Commands() =>
        Blocks("bash").SelectMany(block => block.Replace("\\\n", " ", StringComparison.Ordinal).Split('\n'))
            .Concat(Blocks("console").SelectMany(block => block.Split('\n'))
                .Where(line => line.StartsWith("$ ", StringComparison.Ordinal)).Select(line => line[2..]))
            .Where(line => line.Length > 0 && line[0] != '#');

    /// <summary>A heading's name in a link: lower case, without punctuation, with hyphens for spaces.</summary>
    public IEnumerable<string> Anchors() => Heading().Matches(Fence().Replace(Text, ""))
        .Select(match => NotInAnchor().Replace(match.Groups[1].Value.ToLowerInvariant(), "").Replace(' ', '-'));

    [GeneratedRegex(@"^```(\w*)\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex("^#+ (.*)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\p{L}\p{N} _-]")]
    private static partial Regex NotInAnchor();
}
