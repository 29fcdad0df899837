using System.Net;
using System.Security.Cryptography;
using TokenBroker.EndToEnd.Environments;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Requirements;
using TokenBroker.TestSupport.Storage;
using Xunit;

namespace TokenBroker.EndToEnd.Lifetime;

/// <summary>Stopping loses nothing that is in flight, however much it is; the clients try nothing again.</summary>
[Collection(nameof(LongTests))]
public class DrainTests
{
    private const int Uploads = 100;
    private const int Downloads = 100;
    private const int Length = 256 * 1024;

    [Fact, Long]
    public async Task None_of_200_requests_in_flight_is_lost_in_any_of_20_stops()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no signals to send to another console program.");
        for (var run = 1; run <= 20; run++)
            Assert.Equal((run, Uploads, Downloads, 0), await StopInTheMiddleAsync(run));
    }

    /// <returns>The run, how many uploads and downloads came through whole, and the exit code.</returns>
    private static async Task<(int Run, int Uploaded, int Downloaded, int ExitCode)> StopInTheMiddleAsync(int run)
    {
        await using var scene = await Scene.StartAsync();
        await scene.Sidecar.UntilReadyAsync();
        var rest = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        scene.Storage.AnswerAll(PlannedAnswer.Hold(rest.Task), request => request.Method == "GET");
        using var http = Http.CreateClient();
        var uploads = Enumerable.Range(0, Uploads).Select(i => UploadAsync(http, scene.Blob($"up-{i}"), rest.Task)).ToList();
        var downloads = Enumerable.Range(0, Downloads).Select(_ => DownloadAsync(http, scene.Blob($"pattern-{Length}"))).ToList();
        await Wait.UntilAsync(
            () => scene.Storage.Requests.Count == Uploads + Downloads
                && scene.Storage.Requests.All.Where(request => request.Method == "PUT").All(request => request.BodyLength > 0),
            RunningSidecar.Limit, "all are in flight, and uploads in the middle of their bodies");

        await Signals.SendAsync(scene.Sidecar.Run.Id, Signals.Terminate);
        await scene.Sidecar.UntilRefusedAsync();
        rest.SetResult();

        var (uploaded, downloaded) = ((await Task.WhenAll(uploads)).Count(whole => whole), (await Task.WhenAll(downloads)).Count(whole => whole));
        var stored = Enumerable.Range(0, Uploads).Count(i => scene.Storage.Account().Blob(Scene.Container, $"up-{i}") is not null);
        return (run, Math.Min(uploaded, stored), downloaded, await scene.Sidecar.Run.ExitAsync(RunningSidecar.Limit));
    }

    private static async Task<bool> UploadAsync(HttpClient http, Uri blob, Task rest)
    {
        using var request = Http.PutBlob(blob, new HeldContent(Length, rest));
        using var answer = await http.SendAsync(request);
        return answer.StatusCode == HttpStatusCode.Created;
    }

    private static async Task<bool> DownloadAsync(HttpClient http, Uri blob)
    {
        using var request = Http.Get(blob);
        using var answer = await http.SendAsync(request);
        return answer.StatusCode == HttpStatusCode.OK
            && Pattern.Sha256(Length) == Convert.ToHexStringLower(SHA256.HashData(await answer.Content.ReadAsByteArrayAsync()));
    }
}
