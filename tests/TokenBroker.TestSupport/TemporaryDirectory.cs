namespace TokenBroker.TestSupport;

/// <summary>A directory of the test's own, gone when it is disposed of.</summary>
public sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("tokenbroker-test-").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException) when (OperatingSystem.IsWindows())
        {
            // Windows keeps the files of a process that was killed open for a moment longer than the process.
        }
    }
}
