using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Azure;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using TokenBroker.Local;

namespace TokenBroker.EndToEnd.ClientMatrix;

/// <summary>Azure.Storage.Blobs, in this process.</summary>
internal sealed partial class DotNetDriver : Driver
{
    public override async Task<IReadOnlyDictionary<string, JsonObject>> RunAsync(Leg leg, string lines, string container)
    {
        // A compiled program cannot run the lines; it takes the string out of the one line that they are.
        var connectionString = Line().Match(lines) is { Success: true } line ? line.Groups[1].Value : throw new InvalidOperationException($"Not the line of this driver: {lines}");
        var options = Options(leg);
        var operations = new DotNetOperations(new BlobServiceClient(connectionString, options), container, options);
        var results = new Dictionary<string, JsonObject>();
        foreach (var (operation, run) in operations.All)
            results.Add(operation, await ResultOfAsync(run));
        return results;
    }

    /// <summary>What comes of something that may well fail, as part of a result.</summary>
    public static async Task<JsonObject> ResultOfAsync(Func<Task<object?>> run)
    {
        try
        {
            var result = JsonSerializer.SerializeToNode(await run() ?? new { })!.AsObject();
            result["ok"] = true;
            return result;
        }
        catch (RequestFailedException failure) when (failure.Status != 0)
        {
            return new()
            {
                ["ok"] = false,
                ["status"] = failure.Status,
                ["code"] = failure.ErrorCode,
                ["reason"] = failure.GetRawResponse() is { } response && response.Headers.TryGetValue("x-tokenbroker-reason", out var reason) ? reason : null,
            };
        }
        catch (Exception refusal) when (refusal is RequestFailedException or ArgumentException or FormatException)
        {
            return new() { ["ok"] = false, ["error"] = refusal.GetType().Name, ["message"] = refusal.Message };
        }
    }

    public static string Sha256(BinaryData content) => Convert.ToHexStringLower(SHA256.HashData(content));

    /// <summary>Options with which it reaches storage by this leg.</summary>
    public static BlobClientOptions Options(Leg leg)
    {
        // It tries again what it refuses by itself, with growing waits.
        var options = new BlobClientOptions { Retry = { MaxRetries = 0 } };
        if (leg.AuthorityFile is { } authority)
            options.Transport = new HttpClientTransport(TrustedConnection.CreateHandler(authority));
        else if (leg.Network is { } network)
            options.Transport = new HttpClientTransport(network.CreateClient());
        return options;
    }

    [GeneratedRegex("^var service = new BlobServiceClient\\(\"([^\"]+)\"\\);$", RegexOptions.Multiline)]
    private static partial Regex Line();
}
