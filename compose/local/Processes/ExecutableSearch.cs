namespace TokenBroker.Local.Processes;

/// <summary>Finds a program on a search path as the shell would.</summary>
internal static class ExecutableSearch
{
    // npm is a script on Windows, npm.cmd; node is node.exe.
    private static readonly string[] Extensions = OperatingSystem.IsWindows() ? [".exe", ".cmd"] : [""];

    public static string? Find(string name, string searchPath)
    {
        foreach (var directory in searchPath.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            foreach (var extension in Extensions)
            {
                // An entry may be quoted on Windows, and may be relative anywhere.
                var path = Path.GetFullPath(Path.Combine(directory.Trim('"'), name + extension));
                if (IsExecutable(path))
                    return path;
            }
        }

        return null;
    }

    private static bool IsExecutable(string path)
    {
        const UnixFileMode execute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        return File.Exists(path) && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & execute) != 0);
    }
}
