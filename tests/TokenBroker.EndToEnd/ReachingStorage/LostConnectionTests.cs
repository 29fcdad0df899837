using System.Globalization;
using System.Net;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.Imds;
using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.ReachingStorage;

/// <summary>Storage ends idle connections, by a reset or in order, just as they are used again: all at once, as after a failover.</summary>
[Collection(nameof(LongTests))]
public class LostConnectionTests
{
    private const int Requests = 20;

    [Theory, Long]
    [InlineData("GET", "", true)]
    [InlineData("GET", "", false)]
    [InlineData("HEAD", "", true)]
    [InlineData("HEAD", "", false)]
    [InlineData("DELETE", "", true)]
    [InlineData("DELETE", "", false)]
    [InlineData("PUT", "?comp=metadata", true)]
    [InlineData("PUT", "?comp=metadata", false)]
    public async Task Requests_without_a_body_are_sent_once_more_each_on_a_new_connection(string method, string query, bool resets)
    {
        await using var scene = await LossScene.StartAsync(resets);

        var answers = await scene.SendAsync(method, query, body: null);

        Assert.All(answers, answer => Assert.Equal((HttpStatusCode.OK, ""), answer));
        Assert.Equal(Requests, scene.Storage.Unanswered.Count);
        Assert.All(scene.Storage.Unanswered, line => Assert.StartsWith(method, line, StringComparison.Ordinal));
        Assert.Equal(Requests, await scene.RetriesAsync());
    }

    [Theory, Long]
    [InlineData("PUT", "", true, "body")]
    [InlineData("PUT", "", false, "body")]
    [InlineData("PUT", "?comp=lease", true, null)]
    [InlineData("PUT", "?comp=snapshot", false, null)]
    public async Task What_a_second_run_could_do_again_is_answered_with_503_and_sent_once(string method, string query, bool resets, string? body)
    {
        await using var scene = await LossScene.StartAsync(resets);
        var before = scene.Storage.Answered.Count;

        var answers = await scene.SendAsync(method, query, body);

        Assert.All(answers, answer => Assert.Equal((HttpStatusCode.ServiceUnavailable, "upstream-broken"), answer));
        Assert.Equal((Requests, before), (scene.Storage.Unanswered.Count, scene.Storage.Answered.Count));
        Assert.Equal(0, await scene.RetriesAsync());
    }

    /// <summary>A sidecar with as many idle connections to storage as there will be requests.</summary>
    private sealed class LossScene(ImdsEmulator imds, IdleClosingStorage storage, RunningSidecar sidecar) : IAsyncDisposable
    {
        private readonly HttpClient _http = Http.CreateClient();

        public IdleClosingStorage Storage => storage;

        public static async Task<LossScene> StartAsync(bool resets)
        {
            var imds = await ImdsEmulator.StartAsync();
            var storage = new IdleClosingStorage();
            var sidecar = await RunningSidecar.StartAsync(new SidecarSettings
            {
                Accounts = [("acct", new(storage.Address, "acct"))],
                MetadataEndpoint = imds.BaseAddress,
                Arguments = ["--unsafe-allow-http-upstream"],
            });
            var scene = new LossScene(imds, storage, sidecar);
            storage.Gather(Requests);
            Assert.All(await scene.SendAsync("GET", "", body: null), answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
            storage.Resets = resets;
            return scene;
        }

        public Task<(HttpStatusCode Status, string Reason)[]> SendAsync(string method, string query, string? body) =>
            Task.WhenAll(Enumerable.Range(0, Requests).Select(async at =>
            {
                using var request = new HttpRequestMessage(new(method), sidecar.At($"acct/c/b{at}{query}"));
                request.Headers.Add("x-ms-version", Http.Version);
                request.Content = body is not null ? new StringContent(body) : method == "PUT" ? new ByteArrayContent([]) : null;
                using var answer = await _http.SendAsync(request);
                return (answer.StatusCode, answer.Headers.TryGetValues("x-tokenbroker-reason", out var reasons) ? reasons.Single() : "");
            }));

        public async Task<int> RetriesAsync()
        {
            var metrics = await _http.GetStringAsync(new Uri(sidecar.Admin, "/metrics"));
            return metrics.Split('\n')
                .Where(line => line.StartsWith("tokenbroker_upstream_retries_total{", StringComparison.Ordinal) && line.Contains("\"connection-lost\"", StringComparison.Ordinal))
                .Sum(line => int.Parse(line[(line.IndexOf('}', StringComparison.Ordinal) + 1)..].Trim().Split(' ')[0], CultureInfo.InvariantCulture));
        }

        public async ValueTask DisposeAsync()
        {
            _http.Dispose();
            await sidecar.DisposeAsync();
            await storage.DisposeAsync();
            await imds.DisposeAsync();
        }
    }
}
