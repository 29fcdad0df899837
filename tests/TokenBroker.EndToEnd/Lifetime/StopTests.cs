using System.Net;
using System.Security.Cryptography;
using TokenBroker.EndToEnd.Environments;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Storage;
using Xunit;

namespace TokenBroker.EndToEnd.Lifetime;

/// <summary>How the sidecar ends: no new connection, what is in flight to its end, exit code 0.</summary>
public class StopTests
{
    private const int Length = 4 * 1024 * 1024;

    [Fact]
    public async Task Upload_in_flight_is_finished_after_the_signal_and_new_connections_are_refused()
    {
        SkipOnWindows();
        await using var scene = await Scene.StartAsync();
        using var http = Http.CreateClient();
        var rest = new TaskCompletionSource();
        var (upload, arriving) = await BeginUploadAsync(scene, http, rest.Task);

        await Signals.SendAsync(scene.Sidecar.Run.Id, Signals.Terminate);
        await scene.Sidecar.UntilRefusedAsync();
        Assert.False(upload.IsCompleted);
        rest.SetResult();

        using var answer = await upload;
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        await arriving.Done;
        Assert.Equal((Length, Pattern.Sha256(Length)), (arriving.BodyLength, arriving.BodySha256));
        Assert.Equal(0, await scene.Sidecar.Run.ExitAsync(RunningSidecar.Limit));
    }

    [Fact]
    public async Task Download_in_flight_is_finished_after_the_signal()
    {
        SkipOnWindows();
        // More than all buffers on the way hold, so that it cannot be finished before it is read.
        const long length = 64 * 1024 * 1024;
        await using var scene = await Scene.StartAsync();
        await scene.Sidecar.UntilReadyAsync();
        using var http = Http.CreateClient();
        using var request = Http.Get(scene.Blob($"pattern-{length}"));
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using var body = await answer.Content.ReadAsStreamAsync();

        await Signals.SendAsync(scene.Sidecar.Run.Id, Signals.Terminate);
        await scene.Sidecar.UntilRefusedAsync();
        Assert.False(scene.Storage.Requests.All.Single().Done.IsCompleted);

        Assert.Equal(Pattern.Sha256(length), Convert.ToHexStringLower(await SHA256.HashDataAsync(body)));
        Assert.Equal(0, await scene.Sidecar.Run.ExitAsync(RunningSidecar.Limit));
    }

    [Fact]
    public async Task Request_that_outlasts_the_drain_is_cut_and_never_a_short_success()
    {
        SkipOnWindows();
        const long length = 64 * 1024 * 1024;
        await using var scene = await Scene.StartAsync(prepare: (_, settings) => settings with { Arguments = ["--drain-max", "1s"] });
        await scene.Sidecar.UntilReadyAsync();
        using var http = Http.CreateClient();
        using var request = Http.Get(scene.Blob($"pattern-{length}"));
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using var body = await answer.Content.ReadAsStreamAsync();

        Assert.Equal(143, await scene.Sidecar.StopAsync());
        Assert.Contains("1 requests did not end in time and were aborted", scene.Sidecar.Run.Output, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<IOException>(() => SHA256.HashDataAsync(body).AsTask());
    }

    [Fact]
    public async Task Second_signal_cuts_what_is_in_flight_at_once()
    {
        SkipOnWindows();
        await using var scene = await Scene.StartAsync();
        using var http = Http.CreateClient();
        var rest = new TaskCompletionSource();
        var (upload, _) = await BeginUploadAsync(scene, http, rest.Task);

        await Signals.SendAsync(scene.Sidecar.Run.Id, Signals.Terminate);
        await scene.Sidecar.UntilRefusedAsync();
        Assert.Equal(143, await scene.Sidecar.StopAsync());
        rest.SetResult(); // the client looks up when it sends on
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => upload);
        Assert.Null(scene.Storage.Account().Blob(Scene.Container, "slow"));
    }

    [Fact]
    public async Task Interrupt_drains_as_well_and_ends_with_130()
    {
        SkipOnWindows();
        await using var sidecar = await RunningSidecar.StartAsync(Alone);

        await Signals.SendAsync(sidecar.Run.Id, Signals.Interrupt);

        Assert.Equal(130, await sidecar.Run.ExitAsync(RunningSidecar.Limit));
    }

    [Fact]
    public async Task Between_the_signal_and_the_closing_it_is_not_ready_and_still_serves()
    {
        SkipOnWindows();
        await using var scene = await Scene.StartAsync(prepare: (_, settings) => settings with { Arguments = ["--drain-min", "1h", "--drain-max", "30s"] });
        await scene.Sidecar.UntilReadyAsync();
        using var http = Http.CreateClient();

        await Signals.SendAsync(scene.Sidecar.Run.Id, Signals.Terminate);
        string ready = "";
        await Wait.UntilAsync(async () =>
        {
            using var answer = await http.GetAsync(new Uri(scene.Sidecar.Admin, "/health/ready"));
            ready = await answer.Content.ReadAsStringAsync();
            return answer.StatusCode == HttpStatusCode.ServiceUnavailable;
        }, RunningSidecar.Limit, "it is not ready");
        Assert.Contains("\"reason\":\"stopping\"", ready, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri(scene.Sidecar.Admin, "/health/live"))).StatusCode);
        using var served = await http.SendAsync(Http.Get(scene.Blob("pattern-10")));
        Assert.Equal(HttpStatusCode.OK, served.StatusCode);
        Assert.True(served.Headers.ConnectionClose); // and the next request goes elsewhere

        // A request is over a moment after its client has the answer.
        await Wait.UntilAsync(async () => (await http.GetStringAsync(new Uri(scene.Sidecar.Admin, "/metrics"))).Split('\n')
            .Any(line => line.StartsWith("tokenbroker_proxy_active_requests", StringComparison.Ordinal) && line.Contains("} 0", StringComparison.Ordinal)),
            RunningSidecar.Limit, "nothing is in flight");

        // An operator who does not want to wait says it again; nothing is cut.
        Assert.Equal(0, await scene.Sidecar.StopAsync());
    }

    [Fact]
    public async Task Closed_standard_input_ends_it_with_0_when_asked_for()
    {
        await using var sidecar = await RunningSidecar.StartAsync(Alone);
        sidecar.Run.CloseStandardInput();

        Assert.Equal(0, await sidecar.Run.ExitAsync(RunningSidecar.Limit));
        Assert.DoesNotContain("   at ", sidecar.Run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Closed_standard_input_means_nothing_otherwise()
    {
        SkipOnWindows();
        var arguments = Alone.ToArguments().Where(argument => argument != "--exit-with-stdin").ToArray();
        await using var sidecar = await RunningSidecar.StartAsync(SidecarBinary.Spec(arguments) with { StandardInput = [] });
        using var http = Http.CreateClient();

        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri(sidecar.Admin, "/health/live"))).StatusCode);
        Assert.Equal(0, await sidecar.StopAsync());
    }

    /// <summary>An upload that storage has in the middle of its body.</summary>
    private static async Task<(Task<HttpResponseMessage> Answer, RecordedRequest Arriving)> BeginUploadAsync(Scene scene, HttpClient http, Task rest)
    {
        await scene.Sidecar.UntilReadyAsync();
        var upload = http.SendAsync(Http.PutBlob(scene.Blob("slow"), new HeldContent(Length, rest)));
        return (upload, await scene.Storage.Requests.FirstAsync(recorded => recorded.Method == "PUT", RunningSidecar.Limit));
    }

    private static SidecarSettings Alone => new()
    {
        Accounts = [("photos", new Uri("https://127.0.0.1:9/photos"))],
        MetadataEndpoint = new Uri("http://127.0.0.1:9"),
    };

    private static void SkipOnWindows() =>
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no signals to send to another console program.");
}
