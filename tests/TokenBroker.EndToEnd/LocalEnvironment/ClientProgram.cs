using TokenBroker.Local;
using TokenBroker.TestSupport.Processes;

namespace TokenBroker.EndToEnd.Environments;

/// <summary>The built client, run as a person runs it.</summary>
internal static class ClientProgram
{
    /// <summary>As long as the slowest machine may take to install Azurite and run a small comparison.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    // ROOT/sidecar/bin/CONFIGURATION/FRAMEWORK/tokenbroker.dll was built beside the client, in the same way.
    private static string Executable
    {
        get
        {
            var framework = Directory.GetParent(RecordedPaths.Sidecar)!;
            var root = framework.Parent!.Parent!.Parent!.Parent!.FullName;
            var name = OperatingSystem.IsWindows() ? "tokenbroker-client.exe" : "tokenbroker-client";
            return Path.Combine(root, "client", "bin", framework.Parent.Name, framework.Name, name);
        }
    }

    public static ProcessSpec Demo(params string[] arguments) => new(Executable, ["demo", .. arguments])
    {
        // From anywhere: nothing may depend on the working directory.
        WorkingDirectory = Path.GetTempPath(),
        Limit = Limit,
        Environment = RuntimeRoot,
    };

    public static ProcessSpec With(this ProcessSpec spec, params (string Name, string? Value)[] variables)
    {
        var environment = new Dictionary<string, string?>(spec.Environment);
        foreach (var (name, value) in variables)
            environment[name] = value;
        return spec with { Environment = environment };
    }

    private static Dictionary<string, string?> RuntimeRoot =>
        new() { ["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", "..")) };
}
