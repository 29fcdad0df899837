using TokenBroker.Local;
using TokenBroker.TestSupport.Processes;

namespace TokenBroker.EndToEnd.Sidecars;

/// <summary>The built executable, run as a person runs it.</summary>
internal static class SidecarBinary
{
    public static ProcessSpec Spec(params IReadOnlyList<string> arguments) => new(File, arguments)
    {
        // From anywhere: nothing may depend on the working directory.
        WorkingDirectory = Path.GetTempPath(),
        Environment = RuntimeRoot,
    };

    public static ProcessSpec With(this ProcessSpec spec, IEnumerable<KeyValuePair<string, string>> variables)
    {
        var environment = new Dictionary<string, string?>(spec.Environment);
        foreach (var (name, value) in variables)
            environment[name] = value;
        return spec with { Environment = environment };
    }

    private static string File => Path.ChangeExtension(RecordedPaths.Sidecar, OperatingSystem.IsWindows() ? ".exe" : null);

    // The executable looks for the runtime at the usual place only; this process knows where the real one is.
    private static Dictionary<string, string?> RuntimeRoot =>
        new() { ["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", "..")) };
}
