using System.Globalization;
using System.Security.Cryptography;
using TokenBroker.EndToEnd.RejectedTokens;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.TestSupport.Requirements;
using TokenBroker.TestSupport.Storage;
using Xunit;

namespace TokenBroker.EndToEnd.Streams;

/// <summary>
/// Storage breaks the connection before its headers. The SDKs of JavaScript and Java retry a 503 and neither a 502 nor a 504;
/// that the answer is a 503 with Retry-After is in the functional tests.
/// </summary>
[Requires(Capability.Node, Capability.Npm)]
public class ResetBeforeAnswerTests
{
    /// <summary>Each with a sidecar of its own: on its first connection, no layer but the SDK can have tried again.</summary>
    [Fact]
    public Task JavaScript_SDK_retries_reads_and_writes_to_success() =>
        Task.WhenAll(RetryAsync("get", "pattern-100000", 100_000), RetryAsync("put", "small", 1000), RetryAsync("staged", "large", 5 << 20));

    private static async Task RetryAsync(string operation, string blob, int size)
    {
        await using var scene = await Scene.StartAsync();
        await scene.Sidecar.UntilReadyAsync();
        scene.Storage.AnswerNext(PlannedAnswer.Reset);

        var hash = await ClientProcess.JavaScriptAsync(() => Task.CompletedTask, scene.Sidecar.ConnectionString(), operation, Scene.Container, blob, size);

        var stored = scene.Storage.Account().Blob(Scene.Container, blob);
        Assert.Equal(operation == "get" ? Pattern.Sha256(size) : Convert.ToHexStringLower(SHA256.HashData(stored!.ToArray()!)), hash);
        Assert.Single(scene.Storage.Requests.All, request => request.Aborted);
        Assert.Equal(1, await BrokenAsync(scene));
    }

    /// <summary>Requests that the sidecar answered with 503 <c>upstream-broken</c>.</summary>
    private static async Task<int> BrokenAsync(Scene scene)
    {
        using var http = Http.CreateClient();
        var metrics = await http.GetStringAsync(new Uri(scene.Sidecar.Admin, "/metrics"));
        return metrics.Split('\n')
            .Where(line => line.StartsWith("tokenbroker_proxy_request_duration_seconds_count{", StringComparison.Ordinal)
                && line.Contains("\"503\"", StringComparison.Ordinal) && line.Contains("\"upstream-broken\"", StringComparison.Ordinal))
            .Sum(line => int.Parse(line[(line.IndexOf('}', StringComparison.Ordinal) + 1)..].Trim().Split(' ')[0], CultureInfo.InvariantCulture));
    }
}
