using System.Diagnostics;
using System.Globalization;
using System.Net;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.Imds.Faults;
using TokenBroker.Imds.Record;
using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.TokenSources;

/// <summary>Metadata endpoints that are slow, not ready yet, or away for longer than a backoff, by the real clock.</summary>
[Long]
public class SlowStartTests(SlowStartTests.Scenes scenes) : IClassFixture<SlowStartTests.Scenes>
{
    /// <summary>What a busy machine may add.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(6);

    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Endpoint_that_needs_twelve_seconds_for_an_answer_gives_a_token_at_the_first_attempt()
    {
        var (ready, requests) = await scenes.Slow;
        Report(ready, requests);
        Assert.InRange(ready, TimeSpan.FromSeconds(11), RunningSidecar.Limit);
        Assert.Equal([200], requests.Select(request => request.Status));
    }

    [Fact]
    public async Task Identity_that_is_assigned_some_seconds_after_the_start_is_ready_within_seconds()
    {
        var (ready, requests) = await scenes.Late;
        Report(ready, requests);
        Assert.InRange(ready, TimeSpan.Zero, TimeSpan.FromSeconds(2) + Slack);
        Assert.InRange(requests.Count(request => request.Status == 400), 2, 8);
        Assert.Equal(200, requests[^1].Status);
    }

    [Fact]
    public async Task Outage_with_requests_that_wait_is_over_for_them_ten_seconds_after_it_is_over()
    {
        var (recovered, requests) = await scenes.Outage;
        Report(recovered, requests);
        Assert.InRange(recovered, TimeSpan.Zero, MaxWait + Slack);
        // Not only at its end: no two attempts were further apart.
        Assert.All(requests.Zip(requests.Skip(1)), pair => Assert.InRange(pair.Second.ReceivedAt - pair.First.AnsweredAt!.Value, TimeSpan.Zero, MaxWait + Slack));
    }

    private static void Report(TimeSpan took, IReadOnlyList<RecordedRequest> requests) => TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"{took.TotalSeconds:0.0} s; {string.Join(", ", requests.Select(request => $"{request.ReceivedAt:mm:ss.f} {request.Status}"))}"));

    /// <summary>All three run side by side, from the first test on that wants one.</summary>
    public sealed class Scenes
    {
        private static readonly TimeSpan Unassigned = TimeSpan.FromSeconds(5);

        /// <summary>Long enough for the backoff without waiting requests to leave 16 s between two attempts.</summary>
        private static readonly TimeSpan Away = TimeSpan.FromSeconds(34);

        private readonly Lazy<Task<(TimeSpan, IReadOnlyList<RecordedRequest>)>[]> _runs = new(() => [RunSlowAsync(), RunLateAsync(), RunOutageAsync()]);

        public Task<(TimeSpan Took, IReadOnlyList<RecordedRequest> Requests)> Slow => _runs.Value[0];

        public Task<(TimeSpan Took, IReadOnlyList<RecordedRequest> Requests)> Late => _runs.Value[1];

        public Task<(TimeSpan Took, IReadOnlyList<RecordedRequest> Requests)> Outage => _runs.Value[2];

        private static async Task<(TimeSpan, IReadOnlyList<RecordedRequest>)> RunSlowAsync()
        {
            await using var scene = await StartAsync(Fault.Delayed(TimeSpan.FromSeconds(12)));
            var clock = Stopwatch.StartNew();
            await scene.Sidecar.UntilReadyAsync();
            return (clock.Elapsed, scene.Imds.Requests);
        }

        private static async Task<(TimeSpan, IReadOnlyList<RecordedRequest>)> RunLateAsync()
        {
            await using var scene = await StartAsync(Fault.Answer(400));
            await EndAsync(scene, Unassigned);
            var clock = Stopwatch.StartNew();
            await scene.Sidecar.UntilReadyAsync();
            return (clock.Elapsed, scene.Imds.Requests);
        }

        private static async Task<(TimeSpan, IReadOnlyList<RecordedRequest>)> RunOutageAsync()
        {
            await using var scene = await StartAsync(Fault.Answer(503));
            var served = UntilServedAsync(scene);
            await EndAsync(scene, Away);
            var clock = Stopwatch.StartNew();
            await served;
            return (clock.Elapsed, scene.Imds.Requests);
        }

        /// <summary>Ends the fault some time after the first attempt that met it.</summary>
        private static async Task EndAsync(Scene scene, TimeSpan after)
        {
            await scene.Imds.WaitForRequestsAsync(1).WaitAsync(RunningSidecar.Limit);
            await Task.Delay(after);
            scene.Imds.ClearFaults();
        }

        /// <summary>A client that comes back whenever it is told to.</summary>
        private static async Task UntilServedAsync(Scene scene)
        {
            using var http = Http.CreateClient();
            while (true)
            {
                using var request = Http.Get(scene.Blob("pattern-1024"));
                using var answer = await http.SendAsync(request);
                if (answer.StatusCode == HttpStatusCode.OK)
                    return;
                Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
                await Task.Delay(answer.Headers.RetryAfter!.Delta!.Value);
            }
        }

        private static Task<Scene> StartAsync(Fault fault) => Scene.StartAsync(prepare: (scene, settings) =>
        {
            scene.Imds.Inject(fault);
            return settings;
        });
    }
}
