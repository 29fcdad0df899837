using System.Net;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Network;
using TokenBroker.TestSupport.Requirements;
using TokenBroker.TestSupport.Storage;
using Xunit;

namespace TokenBroker.EndToEnd.Limits;

/// <summary>On the built binary: no client and no account keeps request slots from the others.</summary>
[Collection(nameof(LongTests))]
public class ShareTests
{
    private const string Other = "other";

    [Theory, Long]
    [InlineData("PUT /acct/things/b", "x-ms-blob-type: BlockBlob\r\nTransfer-Encoding: chunked\r\n", "5\r\nhe")]
    [InlineData("POST /acct?comp=batch", "Content-Type: multipart/mixed; boundary=b\r\nContent-Length: 1000\r\n", "--b\r\n")]
    [InlineData("POST /acct/things?restype=container&comp=batch", "Content-Type: multipart/mixed; boundary=b\r\nTransfer-Encoding: chunked\r\n", "5\r\n--b\r\n\r\n")]
    [InlineData("PUT /acct/things/b", "x-ms-blob-type: BlockBlob\r\nContent-Length: 1000\r\n", "half")]
    public async Task Client_that_falls_silent_in_its_body_gives_its_slot_back(string target, string headers, string half)
    {
        await using var scene = await Scene.StartAsync(prepare: (_, settings) => settings with
        {
            Environment = new Dictionary<string, string>
            {
                ["TOKENBROKER__MaxRequests"] = "1",
                ["TOKENBROKER__Upstream__ActivityTimeout"] = "2s",
            },
        });
        await scene.Sidecar.UntilReadyAsync();
        await using var silent = await RawConnection.OpenAsync(scene.Sidecar.Address);

        await silent.SendAsync($"{target} HTTP/1.1\r\nHost: {scene.Sidecar.Address.Authority}\r\nx-ms-version: {Http.Version}\r\n{headers}\r\n{half}");

        var refused = await silent.ReadResponseAsync();
        Assert.Equal((408, "body-timeout"), (refused.Status, refused.Header("x-tokenbroker-reason")));
        Assert.True(await silent.IsClosedByPeerAsync());
        await Wait.UntilAsync(async () => await StatusAsync(scene.Blob("pattern-10")) == HttpStatusCode.OK, RunningSidecar.Limit, "the only slot is free");
    }

    [Fact, Long]
    public async Task Account_whose_storage_hangs_leaves_slots_for_the_others()
    {
        const int Hanging = 20;
        var rest = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var scene = await Scene.StartAsync(prepare: (scene, settings) => settings with
        {
            Accounts = [.. settings.Accounts, (Other, scene.Storage.EndpointOf(Other))],
            Environment = new Dictionary<string, string> { ["TOKENBROKER__MaxRequests"] = "8" },
        }, storage: new() { Accounts = [new(Scene.Account), new(Other)] });
        scene.Storage.Account(Other).CreateContainer(Scene.Container);
        scene.Storage.AnswerAll(PlannedAnswer.Hold(rest.Task), request => request.RawTarget.StartsWith($"/{Scene.Account}/", StringComparison.Ordinal));
        await scene.Sidecar.UntilReadyAsync();

        var requests = Enumerable.Range(0, Hanging).Select(_ => StatusAsync(scene.Blob("pattern-10"))).ToList();
        await Wait.UntilAsync(() => requests.Count(request => request.IsCompleted) == Hanging - 6, RunningSidecar.Limit, "all beyond the account's share are refused");

        Assert.All(requests.Where(request => request.IsCompleted), request => Assert.Equal(HttpStatusCode.ServiceUnavailable, request.Result));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(scene.Sidecar.At($"{Other}/{Scene.Container}/pattern-10")));
        rest.SetResult();
        Assert.Equal(6, (await Task.WhenAll(requests)).Count(status => status == HttpStatusCode.OK)); // two that are reserved, four that are shared
    }

    private static async Task<HttpStatusCode> StatusAsync(Uri blob)
    {
        using var http = Http.CreateClient();
        using var request = Http.Get(blob);
        using var answer = await http.SendAsync(request);
        return answer.StatusCode;
    }
}
