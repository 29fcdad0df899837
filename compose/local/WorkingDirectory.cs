namespace TokenBroker.Local;

/// <summary>A fresh directory that only this user can enter, for the private key of the storage emulator's certificate;
/// gone when the environment is.</summary>
internal sealed class WorkingDirectory : IDisposable
{
    private WorkingDirectory(string path) => FullPath = path;

    public string FullPath { get; }

    // The directory is made with mode 0700 on Unix; on Windows the user's temporary directory is private already.
    public static WorkingDirectory Create() => new(Directory.CreateTempSubdirectory("tokenbroker-").FullName);

    public string PathOf(string name) => Path.Combine(FullPath, name);

    public void Dispose()
    {
        try
        {
            Directory.Delete(FullPath, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A child that had to be killed may still hold a file open. The key opens nothing once the emulator is gone.
        }
    }
}
