using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.Imds.Faults;
using TokenBroker.TestSupport;
using Xunit;

namespace TokenBroker.EndToEnd.ColdStart;

/// <summary>Requests that come before the first token share one attempt to get it, and wait for it.</summary>
public partial class ColdStartTests
{
    private static readonly TimeSpan Hold = TimeSpan.FromSeconds(2);

    [Theory]
    [InlineData(20)]
    [InlineData(200)]
    public async Task Requests_before_the_first_token_ask_for_one_token_and_all_succeed(int count)
    {
        await using var scene = await Scene.StartAsync(prepare: (scene, settings) =>
        {
            scene.Imds.Inject(Fault.Of(FaultKind.Hang));
            return settings with { Environment = Patient };
        });
        using var http = Http.CreateClient();
        var held = Stopwatch.StartNew();
        var answers = Enumerable.Range(0, count).Select(async _ =>
        {
            using var request = Http.Get(scene.Blob("pattern-1024"));
            using var answer = await http.SendAsync(request);
            return answer.StatusCode;
        }).ToList();

        await Wait.UntilAsync(async () => await WaitingAsync(http, scene) == count && held.Elapsed >= Hold, RunningSidecar.Limit, "all requests wait");
        Assert.Empty(scene.Storage.Requests.All);
        scene.Imds.ClearFaults();

        Assert.All(await Task.WhenAll(answers), status => Assert.Equal(HttpStatusCode.OK, status));
        Assert.Single(scene.Imds.Requests);
        Assert.Equal(count, scene.Storage.Requests.Count);
        Assert.All(scene.Storage.Requests.All, request => Assert.Equal(scene.Imds.Tokens.Single().Value, request.Bearer));
    }

    // A slow machine may need longer than the defaults to get so many requests into flight.
    private static Dictionary<string, string> Patient => new()
    {
        ["TOKENBROKER__Tokens__AttemptTimeout"] = "60s",
        ["TOKENBROKER__Tokens__FirstTokenWait"] = "60s",
    };

    /// <summary>How many requests wait for a token, by the sidecar's own count.</summary>
    private static async Task<int> WaitingAsync(HttpClient http, Scene scene)
    {
        var metrics = await http.GetStringAsync(new Uri(scene.Sidecar.Admin, "/metrics"));
        return WaitingRequests().Match(metrics) is { Success: true } match ? int.Parse(match.Groups[1].Value, null) : 0;
    }

    [GeneratedRegex(@"^tokenbroker_proxy_waiting_requests(?:\{[^}]*\})? (\d+)", RegexOptions.Multiline)]
    private static partial Regex WaitingRequests();
}
