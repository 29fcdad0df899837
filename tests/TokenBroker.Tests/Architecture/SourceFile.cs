using System.Text.RegularExpressions;

namespace TokenBroker.Tests.Architecture;

/// <summary>A source file of a project. Its path is relative to the project's folder, with forward slashes.</summary>
internal sealed partial record SourceFile(string Path, string Text)
{
    public string Folder => Path.Contains('/') ? Path[..Path.LastIndexOf('/')] : "";

    private string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    public static IReadOnlyList<SourceFile> Of(string project)
    {
        var root = Repository.Path(project);
        return [.. Directory.GetFiles(root, "*.cs", SearchOption.AllDirectories)
            .Select(file => (Full: file, Path: System.IO.Path.GetRelativePath(root, file).Replace('\\', '/')))
            .Where(file => !IsOutput(file.Path)).OrderBy(file => file.Path, StringComparer.Ordinal)
            .Select(file => new SourceFile(file.Path, File.ReadAllText(file.Full)))];
    }

    /// <summary>The namespaces that the using directives name.</summary>
    public IEnumerable<Import> Imports() =>
        from found in Using().Matches(Text)
        select new Import(Namespace() ?? "", Name, found.Groups[1].Value, "");

    /// <summary>The namespace that the file should have had, or null. Program.cs has none: it consists of statements.</summary>
    public string? WrongNamespace(string root)
    {
        var wanted = Folder.Length == 0 ? root : $"{root}.{Folder.Replace('/', '.')}";
        return Path == "Program.cs" || Namespace() == wanted ? null : $"{Path}: {Namespace()} instead of {wanted}";
    }

    /// <summary>The types outside of other types that do not bear the file's name.</summary>
    public IEnumerable<string> Strangers() =>
        TopLevelType().Matches(Text).Select(found => found.Groups[1].Value).Where(name => name != Name).Select(name => $"{Path}: {name}");

    /// <summary>The folders with more files than allowed.</summary>
    public static IEnumerable<string> Crowded(IEnumerable<SourceFile> files, int max) =>
        from file in files
        group file by file.Folder into folder
        where folder.Count() > max
        select $"{folder.Key}: {folder.Count()} files";

    private string? Namespace() => FileScopedNamespace().Match(Text) is { Success: true } found ? found.Groups[1].Value : null;

    private static bool IsOutput(string path) => path.Split('/').Any(part => part is "bin" or "obj" or "node_modules");

    [GeneratedRegex(@"^using (?:static )?(?:\w+ = )?(TokenBroker[\w.]*);", RegexOptions.Multiline)]
    private static partial Regex Using();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex FileScopedNamespace();

    [GeneratedRegex(@"^(?:\[[^\n]*\] )?(?:(?:public|internal|file|static|sealed|abstract|partial|readonly|ref|unsafe) )*(?:class|record struct|record class|record|struct|interface|enum|delegate [\w<>?,. \[\]]+?) (\w+)", RegexOptions.Multiline)]
    private static partial Regex TopLevelType();
}
