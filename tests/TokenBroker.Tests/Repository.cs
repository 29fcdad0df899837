namespace TokenBroker.Tests;

/// <summary>Finds the checkout that the tests were built in.</summary>
internal static class Repository
{
    private static readonly string Root = Find();

    public static string Path(params string[] parts) => System.IO.Path.Combine([Root, .. parts]);

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "TokenBroker.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException("The tests run outside of a checkout.");
    }
}
