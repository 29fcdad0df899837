using System.Reflection;

namespace TokenBroker.Local;

/// <summary>
/// Where the build put what the environment starts: recorded by the project file, so that the binary does not depend on the
/// working directory or a search of the disk.
/// </summary>
internal static class RecordedPaths
{
    public static string Sidecar => Read("SidecarPath");

    public static string ImdsEmulator => Read("ImdsEmulatorPath");

    public static string AzuriteDirectory => Read("AzuriteDirectory");

    private static string Read(string key)
    {
        foreach (var recorded in typeof(RecordedPaths).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>())
        {
            if (recorded.Key != key || recorded.Value is not { Length: > 0 } path)
                continue;

            return Path.Exists(path)
                ? path
                : throw new LocalEnvironmentException($"'{path}' does not exist any more: build this program again at its new place.");
        }

        throw new LocalEnvironmentException($"This build recorded no {key}: build the whole project again with `dotnet build`.");
    }
}
