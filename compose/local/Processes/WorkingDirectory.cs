namespace TokenBroker.Local.Processes;

/// <summary>
/// A fresh directory that only this user can enter, for the files that the environment's processes share; it is removed
/// together with the environment. A process that is killed cannot remove its directory, so the next one does: the operating
/// system has released the lock of a directory that is not in use any more.
/// </summary>
internal sealed class WorkingDirectory : IDisposable
{
    private const string Prefix = "tokenbroker-local-";
    private const string LockName = "in-use.lock";

    // A new directory has no lock for a moment.
    private static readonly TimeSpan Youth = TimeSpan.FromMinutes(1);

    private readonly FileStream _inUse;

    private WorkingDirectory(string path)
    {
        FullPath = path;
        _inUse = new FileStream(PathOf(LockName), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
    }

    public string FullPath { get; }

    public static WorkingDirectory Create()
    {
        // The directory is made with mode 0700 on Unix; on Windows the user's temporary directory is private already.
        var created = new WorkingDirectory(Directory.CreateTempSubdirectory(Prefix).FullName);
        foreach (var other in Directory.EnumerateDirectories(Path.GetTempPath(), Prefix + "*"))
            DeleteIfAbandoned(other, Youth);
        return created;
    }

    public string PathOf(string name) => Path.Combine(FullPath, name);

    public void Dispose()
    {
        _inUse.Dispose();
        Delete(FullPath);
    }

    internal static void DeleteIfAbandoned(string directory, TimeSpan youth)
    {
        try
        {
            if (TimeProvider.System.GetUtcNow() - Directory.GetCreationTimeUtc(directory) < youth)
                return;

            using (new FileStream(Path.Combine(directory, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
            {
            }

            Delete(directory);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // In use, or another user's.
        }
    }

    private static void Delete(string directory)
    {
        try
        {
            Directory.Delete(directory, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A child that was killed may still have a file open. The remaining files contain no usable secret.
        }
    }
}
