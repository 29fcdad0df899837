using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using TokenBroker.LegacyClients;

// One of the two old packages for .NET, with the line of docs/clients.md. Each operation prints one JSON line: what an
// application's code saw.
var lines = Environment.GetEnvironmentVariable("MATRIX_LINES")!;
var client = CloudStorageAccount.Parse(Regex.Match(lines, "CloudStorageAccount\\.Parse\\(\"([^\"]+)\"\\)").Groups[1].Value).CreateCloudBlobClient();
client.DefaultRequestOptions.RetryPolicy = new NoRetry();
var operations = new BlobOperations(client, Environment.GetEnvironmentVariable("MATRIX_CONTAINER")!);
foreach (var (name, run) in operations.All)
{
    var result = await Attempt.ResultOfAsync(run);
    result["operation"] = name;
    Console.WriteLine(result.ToJsonString(new JsonSerializerOptions()));
}

/// <summary>What an operation led to, success or failure.</summary>
internal static class Attempt
{
    public static async Task<JsonObject> ResultOfAsync(Func<Task<object?>> run)
    {
        try
        {
            var result = JsonSerializer.SerializeToNode(await run() ?? new { })!.AsObject();
            result["ok"] = true;
            return result;
        }
        catch (StorageException failure) when (failure.RequestInformation is { HttpStatusCode: not (0 or 306) } information)
        {
            return new()
            {
                ["ok"] = false,
                ["status"] = information.HttpStatusCode,
                ["code"] = information.ExtendedErrorInformation?.ErrorCode,
                ["reason"] = Regex.Match(information.ExtendedErrorInformation?.ErrorMessage ?? "", @"\(tokenbroker: ([a-z-]+)\)") is { Success: true } reason ? reason.Groups[1].Value : null,
            };
        }
        catch (Exception refusal) when (refusal is StorageException or ArgumentException or FormatException)
        {
            return new() { ["ok"] = false, ["error"] = refusal.GetType().Name, ["message"] = refusal.Message };
        }
    }
}
