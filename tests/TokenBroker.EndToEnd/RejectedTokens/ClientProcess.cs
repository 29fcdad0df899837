using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.Local.Azurite;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Processes;
using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.RejectedTokens;

/// <summary>A small program of a client: it says that it is ready, waits for a word, and says what came of it.</summary>
internal static class ClientProcess
{
    /// <summary>Python's SDK waits for 12 to 18 seconds before it tries again.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    public static string PathOf(string name) => Repository.PathOf($"tests/TokenBroker.EndToEnd/RejectedTokens/{name}");

    /// <summary>@azure/storage-blob: the SHA-256 of what it read or wrote, which is the blob's name again and again.</summary>
    public static async Task<string> JavaScriptAsync(Func<Task> go, string connectionString, string operation, string container, string blob, long size)
    {
        var directory = PathOf("js");
        var node = await NodeInstallation.FindAsync(Environment.GetEnvironmentVariable("PATH") ?? "", TestContext.Current.CancellationToken);
        await new AzuritePackages(directory).PrepareAsync(node, null, TestContext.Current.CancellationToken);
        return await RunAsync("sha256", go, connectionString, node.NodePath, Path.Combine(directory, "client.mjs"), operation, container, blob, $"{size}");
    }

    /// <summary>The same of Python's azure-storage-blob.</summary>
    public static Task<string> PythonAsync(Func<Task> go, string connectionString, string operation, string container, string blob, long size) =>
        RunAsync("sha256", go, connectionString, PythonInterpreter.File, PathOf("client.py"), operation, container, blob, $"{size}");

    /// <summary>The word behind <paramref name="what"/> in the program's output. Whatever it fails with is in the exception.</summary>
    public static async Task<string> RunAsync(string what, Func<Task> go, string connectionString, string program, params string[] arguments)
    {
        await using var client = ProcessRun.Start(new ProcessSpec(program, arguments)
        {
            Environment = new Dictionary<string, string?>
            {
                ["AZURE_STORAGE_CONNECTION_STRING"] = connectionString,
                ["PYTHONDONTWRITEBYTECODE"] = "1",
                ["PYTHONUNBUFFERED"] = "1",
            },
        });
        await client.LineAsync("^ready$", RunningSidecar.Limit);
        await go();
        client.SendLine();
        return (await client.LineAsync($@"^{what} (\w+)$", Limit)).Groups[1].Value;
    }
}
