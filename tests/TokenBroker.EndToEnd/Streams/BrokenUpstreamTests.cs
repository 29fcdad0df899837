using System.Net;
using Azure;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using TokenBroker.EndToEnd.Environments;
using TokenBroker.EndToEnd.Memory;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.TestSupport.Requirements;
using TokenBroker.TestSupport.Storage;
using Xunit;

namespace TokenBroker.EndToEnd.Streams;

/// <summary>
/// Storage's connection breaks in the middle of a body of 256 MiB, by a reset or in order, time after time. The client is
/// told, and neither a connection nor a request nor memory is left behind.
/// </summary>
[Long]
[Requires(Capability.Linux)]
public class BrokenUpstreamTests
{
    private const long MB = 1_000_000;
    private const long Length = 256 * 1024 * 1024;
    private const long Middle = Length / 4;
    private const int Rounds = 3;

    /// <summary>Even without retries, the SDK asks five times for the rest of a download: it must not get there.</summary>
    private const long Piece = Length / 32;

    /// <summary>What a collection more or less makes of the same work. One body that stayed would be ten times as much.</summary>
    private const long Slack = 24 * MB;

    private static readonly StorageTransferOptions InOneRequest = new() { InitialTransferSize = Length, MaximumTransferSize = Length };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Upload_that_breaks_in_the_middle_is_a_503_and_no_blob(bool closes)
    {
        await using var scene = await StartAsync(upload: new() { ResetAfterRequestBytes = Middle, Closes = closes });
        await LeavesNothingAsync(scene, async http =>
        {
            using var content = new StreamContent(Pattern.Open(Length), 64 * 1024);
            using var request = Http.PutBlob(scene.Blob("half"), content);
            using var answer = await http.SendAsync(request);

            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.Equal("upstream-broken", answer.Headers.GetValues("x-tokenbroker-reason").Single());
        });
        Assert.Null(scene.Storage.Account().Blob(Scene.Container, "half"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Download_that_breaks_in_the_middle_never_looks_complete(bool closes)
    {
        await using var scene = await StartAsync(download: new() { ResetAfterResponseBytes = Middle, Closes = closes });
        await LeavesNothingAsync(scene, async http =>
        {
            using var request = Http.Get(scene.Blob($"pattern-{Length}"));
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

            Assert.Equal((HttpStatusCode.OK, Length), (answer.StatusCode, answer.Content.Headers.ContentLength));
            await using var body = await answer.Content.ReadAsStreamAsync();
            await Assert.ThrowsAnyAsync<IOException>(() => body.CopyToAsync(Stream.Null));
        });
    }

    [Fact]
    public async Task Code_that_uses_the_SDK_gets_its_exception_for_either()
    {
        await using var scene = await StartAsync(new() { ResetAfterRequestBytes = Middle }, new() { ResetAfterResponseBytes = Piece });
        var container = StorageClients.Proxied(scene.Sidecar.ConnectionString()).GetBlobContainerClient(Scene.Container);

        var upload = await Assert.ThrowsAsync<RequestFailedException>(() =>
            container.GetBlobClient("half").UploadAsync(Pattern.Open(Length), new BlobUploadOptions { TransferOptions = InOneRequest }));
        var download = await Record.ExceptionAsync(() =>
            container.GetBlobClient($"pattern-{Length}").DownloadToAsync(Stream.Null, new BlobDownloadToOptions { TransferOptions = InOneRequest }));

        Assert.Equal((503, "ServerBusy"), (upload.Status, upload.ErrorCode));
        Assert.True(download is IOException or RequestFailedException or AggregateException, download?.ToString() ?? "the download succeeded");
        Assert.Null(scene.Storage.Account().Blob(Scene.Container, "half"));
    }

    /// <param name="upload">What every upload meets.</param>
    /// <param name="download">What every large download meets.</param>
    private static async Task<Scene> StartAsync(PlannedAnswer? upload = null, PlannedAnswer? download = null)
    {
        var scene = await Scene.StartAsync();
        scene.Storage.Account().KeepsContent = false;
        scene.Storage.AnswerAll(upload ?? new(), request => request.Method == "PUT");
        scene.Storage.AnswerAll(download ?? new(), request => request.RawTarget.EndsWith($"-{Length}", StringComparison.Ordinal));
        await scene.Sidecar.UntilReadyAsync();
        return scene;
    }

    private static async Task LeavesNothingAsync(Scene scene, Func<HttpClient, Task> transfer)
    {
        await Holdings.AssertAtRestAsync(scene);
        await RoundAsync(); // fills the pools of buffers
        var before = ProcessMemory.Resident(scene.Sidecar.Run.Id);
        for (var round = 1; round < Rounds; round++)
            await RoundAsync();
        var after = ProcessMemory.Resident(scene.Sidecar.Run.Id);

        await Holdings.AssertAtRestAsync(scene);
        Assert.Equal(Rounds, scene.Storage.Requests.All.Count(request => request.Aborted));
        TestContext.Current.TestOutputHelper?.WriteLine($"{before / MB} MB after the first, {after / MB} MB after {Rounds}");
        Assert.True(after - before <= Slack, $"{before / MB} MB after the first, {after / MB} MB after {Rounds}");

        async Task RoundAsync()
        {
            using var http = Http.CreateClient();
            await transfer(http);
        }
    }
}
