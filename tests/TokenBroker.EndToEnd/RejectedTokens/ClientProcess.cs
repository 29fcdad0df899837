using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Processes;

namespace TokenBroker.EndToEnd.RejectedTokens;

/// <summary>A small program of a client: it says that it is ready, waits for a word, and says what came of it.</summary>
internal static class ClientProcess
{
    /// <summary>Python's SDK waits for 12 to 18 seconds before it tries again.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    public static string PathOf(string name) => Repository.PathOf($"tests/TokenBroker.EndToEnd/RejectedTokens/{name}");

    /// <summary>The word behind <paramref name="what"/> in the program's output. Whatever it fails with is in the exception.</summary>
    public static async Task<string> RunAsync(string what, Func<Task> go, RejectionScene scene, string program, params string[] arguments)
    {
        await using var client = ProcessRun.Start(new ProcessSpec(program, arguments)
        {
            Environment = new Dictionary<string, string?>
            {
                ["AZURE_STORAGE_CONNECTION_STRING"] = scene.ConnectionString,
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
