namespace TokenBroker.TestSupport.Processes;

/// <summary>Where a command lives on this machine.</summary>
public static class Executable
{
    /// <summary>
    /// The full path of a command, or null. Done here since Windows starts nothing but <c>.exe</c> by its bare name,
    /// and <c>npm</c> and <c>az</c> are <c>.cmd</c> there.
    /// </summary>
    public static string? Find(string command)
    {
        if (Path.IsPathRooted(command))
            return File.Exists(command) ? command : null;
        string[] endings = OperatingSystem.IsWindows() ? [".exe", ".cmd", ".bat"] : [""];
        var directories = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return directories
            .SelectMany(directory => endings.Select(ending => Path.Combine(directory, command + ending)))
            .FirstOrDefault(IsExecutable);
    }

    private static bool IsExecutable(string path) => File.Exists(path) &&
        (OperatingSystem.IsWindows()
            || (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0);
}
