using System.Text.RegularExpressions;
using TokenBroker.TestSupport.Processes;
using Xunit;

namespace TokenBroker.Tests.Docs;

/// <summary>The repository stands alone: no file speaks of a machine it was written on, or of notes that are not in it.</summary>
public class TrackedFileTests
{
    // Written in pieces, so that this file does not find itself.
    private static readonly string[] Forbidden =
    [
        "/ho" + "me/[a-z]", "/ro" + "ot/", "/wo" + "rk/", @"C:\\" + "Users", "sha" + @"red/\w+\.md",
        "(fac" + "ts|desi" + "gn|sty" + @"le)\.md", "fac" + "ts [A-H][0-9]",
    ];

    private static readonly string[] Extensions =
        [".cs", ".csproj", ".md", ".props", ".json", ".py", ".yml", ".yaml", ".sln", ".txt", ".cjs", ".js", ".html", ".editorconfig", ".gitignore", ".gitattributes", ""];

    [Fact]
    public async Task No_file_mentions_a_machine_or_notes_from_outside()
    {
        var pattern = new Regex(string.Join('|', Forbidden));
        foreach (var file in await TrackedAsync())
        {
            var number = 0;
            foreach (var line in File.ReadLines(Repository.Path(file.Split('/'))))
            {
                number++;
                Assert.False(pattern.IsMatch(line), $"{file}:{number}: {line.Trim()}");
            }
        }
    }

    private static async Task<IReadOnlyList<string>> TrackedAsync()
    {
        var files = (await ListedByGitAsync() ?? Walk()).Where(file => Extensions.Contains(Path.GetExtension(file)))
            .Where(file => File.Exists(Repository.Path(file.Split('/')))).ToList();
        Assert.Contains("README.md", files);
        return files;
    }

    private static async Task<IEnumerable<string>?> ListedByGitAsync()
    {
        if (Executable.Find("git") is null || !Path.Exists(Repository.Path(".git")))
            return null;
        var listed = await ProcessRun.CompleteAsync(
            new ProcessSpec("git", "-c", "safe.directory=*", "-c", "core.quotePath=off", "ls-files", "--cached", "--others", "--exclude-standard") { WorkingDirectory = Repository.Path() });
        return listed.ExitCode == 0 ? listed.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries) : null;
    }

    /// <summary>Without git, whatever lies here and was not built.</summary>
    private static IEnumerable<string> Walk() =>
        from file in Directory.EnumerateFiles(Repository.Path(), "*", SearchOption.AllDirectories)
        let relative = Path.GetRelativePath(Repository.Path(), file).Replace('\\', '/')
        where !relative.Split('/').Any(part => part is ".git" or "bin" or "obj" or "node_modules" or "artifacts" or "TestResults" or "__pycache__")
        select relative;
}
