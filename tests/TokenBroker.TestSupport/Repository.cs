namespace TokenBroker.TestSupport;

/// <summary>The working copy that a test runs from, for files that are not compiled: documents, scripts, other languages' projects.</summary>
public static class Repository
{
    private static readonly Lazy<string> Found = new(Find);

    public static string Root => Found.Value;

    /// <param name="relative">With forward slashes, from the root.</param>
    public static string PathOf(string relative) => Path.Combine(Root, Path.Combine(relative.Split('/')));

    private static string Find()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
            if (File.Exists(Path.Combine(directory.FullName, "TokenBroker.sln")))
                return directory.FullName;
        throw new InvalidOperationException($"No TokenBroker.sln above {AppContext.BaseDirectory}: tests run from a working copy.");
    }
}
