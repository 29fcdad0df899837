using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.Imds;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Storage;

namespace TokenBroker.EndToEnd.RejectedTokens;

/// <summary>
/// The built sidecar between an emulator that gives a new token each time and a storage that can take any token for
/// expired. Tokens live two minutes: a rejection may ask for another 6 s after the last attempt, and none is refreshed before
/// it is 54 s old.
/// </summary>
internal sealed class RejectionScene : IAsyncDisposable
{
    // Counted by the emulator, which gave the token sooner than a busy sidecar had it.
    private static readonly TimeSpan Floor = TimeSpan.FromSeconds(8);

    // What follows has then 14 s before the token is refreshed anyhow; a test that missed this waits for the next token.
    private static readonly TimeSpan Young = TimeSpan.FromSeconds(40);

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    private readonly Scene _scene;

    private RejectionScene(Scene scene) => _scene = scene;

    public StrictStorage Storage => _scene.Storage;

    public string ConnectionString => _scene.Sidecar.ConnectionString();

    public static async Task<RejectionScene> StartAsync()
    {
        var scene = await Scene.StartAsync(new ImdsEmulatorOptions
        {
            TokenLifetime = TimeSpan.FromMinutes(2),
            ReuseUntilShareLeft = null,
            RateLimit = null,
        });
        await scene.Sidecar.UntilReadyAsync();
        return new RejectionScene(scene);
    }

    public Uri Blob(string name) => _scene.Blob(name);

    /// <summary>A file for what nobody reads.</summary>
    public string Discarded => _scene.Directory.File("discarded");

    /// <summary>From now on storage takes the token in use for expired. Done when another may be asked for, and none is due.</summary>
    public async Task<string> RejectTokenInUseAsync()
    {
        await Wait.UntilAsync(() =>
        {
            var age = TimeProvider.System.GetUtcNow() - _scene.Imds.Tokens[^1].IssuedAt;
            return age > Floor && age < Young;
        }, Limit, "a token of the right age");
        var token = _scene.Imds.Tokens[^1].Value;
        Storage.Account().Expire(token);
        return token;
    }

    /// <summary>Runs what uploads in blocks, and rejects the token while its fifth block is at storage.</summary>
    public async Task RejectInTheMiddleAsync(Func<Task> upload)
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var blocks = 0;
        Storage.AnswerNext(PlannedAnswer.Hold(release.Task), when: request => IsBlock(request) && Interlocked.Increment(ref blocks) == 5);
        var running = upload();
        await Storage.Requests.AtLeastAsync(5, IsBlock, RunningSidecar.Limit);
        await RejectTokenInUseAsync();
        // Whichever token the held block came with.
        Storage.Account().Expire(Storage.Requests.All.Where(IsBlock).ElementAt(4).Bearer!);
        release.SetResult();
        await running;
    }

    public int Rejections => Storage.Requests.All.Count(request => request.Status == 401);

    public ValueTask DisposeAsync() => _scene.DisposeAsync();

    private static bool IsBlock(TestSupport.Storage.RecordedRequest request) => request.RawTarget.Contains("comp=block&", StringComparison.Ordinal);
}
