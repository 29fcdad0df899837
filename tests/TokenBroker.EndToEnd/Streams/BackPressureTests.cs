using System.Net;
using System.Security.Cryptography;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.TestSupport.Storage;
using Xunit;

namespace TokenBroker.EndToEnd.Streams;

/// <summary>Whoever stops reading stops the sender at the other end: what is on the way are the buffers of four sockets, and little more.</summary>
public class BackPressureTests
{
    private const long MiB = 1024 * 1024;
    private const long Length = 64 * MiB;

    /// <summary>What Linux grants the sockets at most: 6 MiB to receive and 4 MiB to send, on each of the two connections.</summary>
    private const long Bound = 20 * MiB;

    [Fact]
    public async Task Download_that_the_client_does_not_read_is_not_fetched_from_storage()
    {
        await using var scene = await StartAsync();
        using var http = Http.CreateClient();
        using var request = Http.Get(scene.Blob($"pattern-{Length}"));
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var seen = Assert.Single(scene.Storage.Requests.All);

        var sent = await StandStill.OfAsync(() => seen.SentLength);

        TestContext.Current.TestOutputHelper?.WriteLine($"storage had sent {sent / MiB} MiB");
        Assert.InRange(sent, 1, Bound);
        await using var body = await answer.Content.ReadAsStreamAsync();
        Assert.Equal(Pattern.Sha256(Length), Convert.ToHexStringLower(await SHA256.HashDataAsync(body)));
    }

    [Fact]
    public async Task Upload_that_storage_does_not_read_is_not_taken_from_the_client()
    {
        await using var scene = await StartAsync();
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        scene.Storage.AnswerNext(PlannedAnswer.Hold(release.Task));
        using var http = Http.CreateClient();
        using var content = new PacedContent(Length, _ => Task.FromResult(64 * 1024));
        using var request = Http.PutBlob(scene.Blob("held"), content);
        var upload = http.SendAsync(request);

        await scene.Storage.Requests.FirstAsync(_ => true, RunningSidecar.Limit);
        var sent = await StandStill.OfAsync(() => content.Sent);

        TestContext.Current.TestOutputHelper?.WriteLine($"the client had sent {sent / MiB} MiB");
        Assert.InRange(sent, 1, Bound);
        release.SetResult();
        using var answer = await upload;
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        Assert.Equal(Pattern.Sha256(Length), Assert.Single(scene.Storage.Requests.All).BodySha256);
    }

    private static async Task<Scene> StartAsync()
    {
        var scene = await Scene.StartAsync();
        scene.Storage.Account().KeepsContent = false;
        await scene.Sidecar.UntilReadyAsync();
        return scene;
    }
}
