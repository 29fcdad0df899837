using System.Collections.Concurrent;
using System.Net;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.Imds;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Storage;

namespace TokenBroker.EndToEnd.Logging;

/// <summary>An emulator, a storage, and a sidecar between them whose standard output the test decides about.</summary>
internal sealed class StalledScene : IAsyncDisposable
{
    private const int Clients = 16;

    private readonly TemporaryDirectory _directory;
    private readonly ImdsEmulator _imds;

    private StalledScene(TemporaryDirectory directory, ImdsEmulator imds, StrictStorage storage, UnwatchedSidecar sidecar, OutputPipe pipe) =>
        (_directory, _imds, Storage, Sidecar, Pipe) = (directory, imds, storage, sidecar, pipe);

    public StrictStorage Storage { get; }

    public UnwatchedSidecar Sidecar { get; }

    /// <summary>What <c>PIPE</c> in the redirections stands for.</summary>
    public OutputPipe Pipe { get; }

    public int TokensAsked => _imds.Tokens.Count;

    public HttpClient Http { get; } = Sidecars.Http.CreateClient();

    public static async Task<StalledScene> StartAsync(string redirections, TimeSpan? tokenLifetime = null, params IReadOnlyList<string> arguments)
    {
        var directory = new TemporaryDirectory();
        var pipe = await OutputPipe.CreateAsync(directory);
        var imds = await ImdsEmulator.StartAsync(new() { TokenLifetime = tokenLifetime ?? TimeSpan.FromHours(24), ReuseUntilShareLeft = null });
        var storage = await StrictStorage.StartAsync();
        storage.Account().CreateContainer(Scene.Container);
        var sidecar = await UnwatchedSidecar.StartAsync(new SidecarSettings
        {
            Accounts = [(Scene.Account, storage.EndpointOf(Scene.Account))],
            UpstreamCa = storage.Certificates!.WriteTo(directory.Path).Authority,
            MetadataEndpoint = imds.BaseAddress,
            Arguments = arguments,
        }, redirections.Replace("PIPE", pipe.Path, StringComparison.Ordinal));
        return new(directory, imds, storage, sidecar, pipe);
    }

    /// <summary>Sends GETs, several at a time, each with its own client request id.</summary>
    /// <returns>The id of each request, and what was answered: the status, or the sidecar's reason.</returns>
    public async Task<IReadOnlyDictionary<string, string>> GetAsync(int count, string path = "pattern-10")
    {
        var answers = new ConcurrentDictionary<string, string>();
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = Clients }, async (_, cancellation) =>
        {
            var id = Guid.NewGuid().ToString();
            using var request = Sidecars.Http.Get(new Uri(Sidecar.Address, $"{Scene.Account}/{Scene.Container}/{path}"));
            request.Headers.Add("x-ms-client-request-id", id);
            using var answer = await Http.SendAsync(request, cancellation);
            await answer.Content.ReadAsByteArrayAsync(cancellation);
            answers[id] = answer.Headers.TryGetValues("x-tokenbroker-reason", out var reason) ? reason.Single()
                : answer.StatusCode == HttpStatusCode.OK ? "200" : $"{(int)answer.StatusCode}";
        });
        return answers;
    }

    public async ValueTask DisposeAsync()
    {
        await Sidecar.DisposeAsync();
        Pipe.Dispose();
        Http.Dispose();
        await _imds.DisposeAsync();
        await Storage.DisposeAsync();
        _directory.Dispose();
    }
}
