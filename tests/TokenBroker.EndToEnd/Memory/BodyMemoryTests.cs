using System.Diagnostics;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.Memory;

/// <summary>Bodies stream: however large they are, the sidecar holds a bounded piece of them.</summary>
[Requires(Capability.Linux)]
[Collection(nameof(LongTests))]
public class BodyMemoryTests
{
    private const long MiB = 1024 * 1024;
    private const long MB = 1_000_000;

    [Fact]
    public Task Bodies_of_256_MiB_take_at_most_80_MB() => Hold(256 * MiB, atOnce: 1, bound: 80 * MB);

    [Fact]
    [Long]
    public Task Body_of_1_GiB_takes_at_most_80_MB_up_and_down() => Hold(1024 * MiB, atOnce: 1, bound: 80 * MB);

    [Fact]
    [Long]
    public Task Eight_bodies_of_1_GiB_at_once_take_at_most_160_MB_up_and_down() => Hold(1024 * MiB, atOnce: 8, bound: 160 * MB);

    private static async Task Hold(long length, int atOnce, long bound)
    {
        await using var scene = await Scene.StartAsync();
        scene.Storage.Account().KeepsContent = false;
        await scene.Sidecar.UntilReadyAsync();
        using var http = Http.CreateClient();
        var transfers = new Transfers(scene, http, length);

        var idle = ProcessMemory.Resident(scene.Sidecar.Run.Id);
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, atOnce).Select(i => transfers.UploadAsync($"up-{i}")));
        var (afterUploads, uploads) = (ProcessMemory.Peak(scene.Sidecar.Run.Id), clock.Elapsed);
        await Task.WhenAll(Enumerable.Range(0, atOnce).Select(_ => transfers.DownloadAsync()));
        var (peak, all) = (ProcessMemory.Peak(scene.Sidecar.Run.Id), clock.Elapsed);

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{atOnce} x {length / MiB} MiB: idle {idle / MB} MB; peak {(afterUploads - idle) / MB} MB over idle after uploads ({uploads.TotalSeconds:0.0} s), "
            + $"{(peak - idle) / MB} MB after downloads as well ({(all - uploads).TotalSeconds:0.0} s)");
        Assert.True(peak - idle <= bound, $"{(peak - idle) / MB} MB over the {idle / MB} MB of an idle sidecar, {bound / MB} MB allowed");
    }
}
