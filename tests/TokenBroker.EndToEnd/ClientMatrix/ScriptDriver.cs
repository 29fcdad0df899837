using System.Text.Json.Nodes;
using TokenBroker.Local.Azurite;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Processes;
using TokenBroker.TestSupport.Requirements;

namespace TokenBroker.EndToEnd.ClientMatrix;

/// <summary>A driver in the client's own language: a script that prints one line of JSON for each operation.</summary>
/// <param name="script">Its file; null for a program that is compiled.</param>
/// <param name="prepare">Installs what it needs, and gives the program that runs it.</param>
internal sealed class ScriptDriver(string? script, Func<Task<(string Program, IReadOnlyDictionary<string, string?> Environment)>> prepare) : Driver
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    public static ScriptDriver JavaScript => new("javascript.mjs", async () =>
    {
        var packages = Repository.PathOf("tests/TokenBroker.EndToEnd/RejectedTokens/js");
        var node = await NodeInstallation.FindAsync(Environment.GetEnvironmentVariable("PATH") ?? "", CancellationToken.None);
        await new AzuritePackages(packages).PrepareAsync(node, null, CancellationToken.None);
        return (node.NodePath, new Dictionary<string, string?> { ["MATRIX_PACKAGES"] = packages });
    });

    public static ScriptDriver Python(string script) => new(script, () =>
        Task.FromResult<(string, IReadOnlyDictionary<string, string?>)>((PythonInterpreter.File, new Dictionary<string, string?>
        {
            ["PYTHONDONTWRITEBYTECODE"] = "1", // leaves the working copy as it was
            ["PYTHONIOENCODING"] = "utf-8",
        })));

    public static ScriptDriver Ruby => new("ruby.rb", () =>
        // Debian's versions of its libraries warn about one another.
        Task.FromResult<(string, IReadOnlyDictionary<string, string?>)>(("ruby", new Dictionary<string, string?> { ["RUBYOPT"] = "-W0" })));

    public override async Task<IReadOnlyDictionary<string, JsonObject>> RunAsync(Leg leg, string lines, string container)
    {
        var (program, environment) = await prepare();
        string[] arguments = script is null ? [] : [Repository.PathOf($"tests/TokenBroker.EndToEnd/ClientMatrix/Drivers/{script}")];
        var run = await ProcessRun.CompleteAsync(leg.Within(new ProcessSpec(program, arguments)
        {
            Environment = new Dictionary<string, string?>([.. environment, .. leg.Trust])
            {
                ["MATRIX_LINES"] = lines,
                ["MATRIX_CONTAINER"] = container,
            },
            Limit = Limit,
        }));
        if (run.ExitCode != 0)
            throw new InvalidOperationException($"{script ?? program} ended with {run.ExitCode}:\n{run.Output}");
        var results = new Dictionary<string, JsonObject>();
        foreach (var line in run.StandardOutput.Split('\n').Where(line => line.StartsWith('{')))
        {
            var result = JsonNode.Parse(line)!.AsObject();
            var operation = result["operation"]!.GetValue<string>();
            result.Remove("operation");
            results.Add(operation, result);
        }

        return results;
    }
}
