using System.Diagnostics;

namespace TokenBroker.Local.Processes;

/// <summary>How a child is started: cleaned environment, and for .NET programs the runtime that runs this one.</summary>
internal static class ChildStart
{
    public static ProcessStartInfo Program(string fileName, IEnumerable<string> arguments, string workingDirectory)
    {
        var startInfo = new ProcessStartInfo(fileName, arguments) { WorkingDirectory = workingDirectory };
        EnvironmentVariables.Clean(startInfo.Environment);
        return startInfo;
    }

    /// <summary>Starts a built .NET program by its own executable, which lies beside the assembly.</summary>
    public static ProcessStartInfo DotNet(string assemblyPath, IEnumerable<string> arguments, string workingDirectory)
    {
        var executable = Path.ChangeExtension(assemblyPath, OperatingSystem.IsWindows() ? ".exe" : null);
        var startInfo = Program(executable, arguments, workingDirectory);
        // The executable looks for the runtime only at the usual place; this process knows the real place.
        if (RuntimeRoot() is { } root)
            startInfo.Environment["DOTNET_ROOT"] = root;
        return startInfo;
    }

    private static string? RuntimeRoot()
    {
        // ROOT/shared/Microsoft.NETCore.App/VERSION/System.Private.CoreLib.dll
        var framework = Path.GetDirectoryName(typeof(object).Assembly.Location);
        var root = framework is null ? null : Path.GetFullPath(Path.Combine(framework, "..", "..", ".."));
        return root is not null && Directory.Exists(Path.Combine(root, "host", "fxr")) ? root : null;
    }
}
