using TokenBroker.TestSupport;

namespace TokenBroker.EndToEnd.Docs;

/// <summary>The sources of the sidecar somewhere else: a build of another kind in the working copy itself would disturb the one that the tests run from.</summary>
internal static class Checkout
{
    private static readonly string[] Files = ["global.json", "Directory.Build.props", "Directory.Packages.props", "BannedSymbols.txt", ".editorconfig"];

    public static void CopyTo(string directory)
    {
        var sources = Directory.EnumerateFiles(Repository.PathOf("sidecar"), "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Repository.Root, file))
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"));
        foreach (var file in sources.Concat(Files))
        {
            var copy = Path.Combine(directory, file);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(Path.Combine(Repository.Root, file), copy);
        }
    }
}
