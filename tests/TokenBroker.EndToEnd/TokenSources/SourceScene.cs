using System.Net;
using System.Text.Json;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Processes;
using TokenBroker.TestSupport.Storage;
using Xunit;

namespace TokenBroker.EndToEnd.TokenSources;

/// <summary>
/// The built sidecar with a platform's variables in its environment, and a strict storage behind it. Always a process of
/// its own: the library reads its endpoint once per process.
/// </summary>
internal sealed class SourceScene : IAsyncDisposable
{
    public const string Account = "acct";
    public const string OtherAccount = "other";

    private readonly TemporaryDirectory _directory = new();
    private readonly HttpClient _http = Http.CreateClient();

    private SourceScene(StrictStorage storage) => Storage = storage;

    public StrictStorage Storage { get; }

    public RunningSidecar Sidecar { get; private set; } = null!;

    /// <param name="environment">The platform's variables.</param>
    /// <param name="arguments">Further arguments of the sidecar.</param>
    /// <param name="wrap">How the sidecar's program is started, if not by itself.</param>
    public static async Task<SourceScene> StartAsync(
        IReadOnlyDictionary<string, string> environment, IReadOnlyList<string>? arguments = null, Func<ProcessSpec, ProcessSpec>? wrap = null)
    {
        var scene = new SourceScene(await StrictStorage.StartAsync(new()
        {
            Accounts = [new StorageAccount(Account), new StorageAccount(OtherAccount), .. Enumerable.Range(1, 3).Select(i => new StorageAccount($"more{i}"))],
        }));
        try
        {
            scene.Storage.Account().CreateContainer("c");
            var settings = new SidecarSettings
            {
                Accounts = [(Account, scene.Storage.EndpointOf(Account))],
                UpstreamCa = scene.Storage.Certificates!.WriteTo(scene._directory.Path).Authority,
                Arguments = arguments ?? [],
            };
            var spec = SidecarBinary.Spec(settings.ToArguments()).With(environment);
            scene.Sidecar = await RunningSidecar.StartAsync(wrap?.Invoke(spec) ?? spec);
            return scene;
        }
        catch
        {
            await scene.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes a blob request through the sidecar and gives the token that storage saw.</summary>
    public async Task<string?> TokenAtStorageAsync(string account = Account)
    {
        using var request = Http.Get(Sidecar.At($"{account}/c/pattern-5"));
        using var answer = await _http.SendAsync(request);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{answer.StatusCode}:\n{Sidecar.Run.Output}");
        return Storage.Requests.All[^1].Bearer;
    }

    /// <summary>Asks for a new token now; gives each identity's row of the answer.</summary>
    public async Task<IReadOnlyList<RefreshRow>> RefreshAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Sidecar.Admin, "/tokens/refresh"));
        request.Headers.Add("X-TokenBroker", "1");
        using var answer = await _http.SendAsync(request);
        using var document = JsonDocument.Parse(await answer.Content.ReadAsStreamAsync());
        return document.RootElement.GetProperty("tokens").Deserialize<RefreshRow[]>(JsonSerializerOptions.Web)!;
    }

    /// <summary>The one row of a sidecar with one identity.</summary>
    public async Task<RefreshRow> RefreshOneAsync() => Assert.Single(await RefreshAsync());

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (Sidecar is not null)
            await Sidecar.DisposeAsync();
        await Storage.DisposeAsync();
        _directory.Dispose();
    }
}

/// <summary>What a refresh on demand came to, as the admin listener says it.</summary>
internal sealed record RefreshRow(string Identity, string Source, string Outcome, DateTimeOffset? ExpiresOn, string? Reason, string? Detail);
