using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.TestSupport.Storage;
using Xunit;

namespace TokenBroker.EndToEnd.Browser;

/// <summary>A sidecar with a token before a storage that holds a secret: what a page would like to reach, and what came of it there.</summary>
internal sealed partial class HostileScene : IAsyncDisposable
{
    private readonly Scene _scene;
    private string _before = "";

    private HostileScene(Scene scene) => _scene = scene;

    public RunningSidecar Sidecar => _scene.Sidecar;

    /// <summary>What came to storage since the secret is there.</summary>
    public IReadOnlyList<RecordedRequest> Requests => _scene.Storage.Requests.All;

    /// <param name="arguments">Further arguments of the sidecar.</param>
    public static async Task<HostileScene> StartAsync(params IReadOnlyList<string> arguments)
    {
        var scene = new HostileScene(await Scene.StartAsync(prepare: (_, settings) => settings with { Arguments = [.. arguments, "--audit"] }));
        try
        {
            await scene.Sidecar.UntilReadyAsync();
            await scene.PutAsync();
            scene._scene.Storage.Requests.Clear();
            scene._before = await scene.StateAsync();
            return scene;
        }
        catch
        {
            await scene.DisposeAsync();
            throw;
        }
    }

    /// <summary>How often the sidecar has refused for a reason since its start.</summary>
    public int Refusals(string reason) => Reason().Matches(Sidecar.Run.Output).Count(match => match.Groups[1].Value == reason);

    /// <summary>Nothing came to storage or to the metadata endpoint, and everything is as it was.</summary>
    public async Task AssertUntouchedAsync()
    {
        Assert.Empty(Requests);
        await AssertUnchangedAsync();
    }

    /// <summary>Whatever was read: blobs, tokens and the admin listener's state are as they were.</summary>
    public async Task AssertUnchangedAsync() => Assert.Equal(_before, await StateAsync());

    /// <summary>Neither a blob's content, nor a token, nor where tokens and blobs come from.</summary>
    public void AssertHoldsNoSecret(Attempt attempt)
    {
        string[] secrets =
        [
            Blobs.Secret, "Bearer", "imds", "refresh",
            _scene.Storage.Address.Authority, _scene.Imds.BaseAddress.Authority, .. _scene.Imds.Tokens.Select(token => token.Value),
        ];
        Assert.All(secrets, secret => Assert.DoesNotContain(secret, attempt.Read, StringComparison.OrdinalIgnoreCase));
    }

    public ValueTask DisposeAsync() => _scene.DisposeAsync();

    private async Task PutAsync()
    {
        using var http = Http.CreateClient();
        foreach (var (_, name, type, content) in Blobs.Files)
        {
            using var body = new ByteArrayContent(content) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };
            using var request = Http.PutBlob(_scene.Blob(name), body);
            using var answer = await http.SendAsync(request);
            Assert.True(answer.IsSuccessStatusCode, $"{answer}\n{Sidecar.Run.Output}");
        }
    }

    private async Task<string> StateAsync()
    {
        using var http = Http.CreateClient();
        var health = JsonNode.Parse(await http.GetStringAsync(new Uri(Sidecar.Admin, "/health/ready")))!;
        foreach (var account in health["accounts"]!.AsArray())
            account!.AsObject().Remove("nextAttemptInSeconds"); // it goes down by itself
        var stored = _scene.Storage.Account();
        var blobs = Blobs.Files.Select(file => file.Name).Append(Blobs.OfThePage)
            .Select(name => $"{name}: {(stored.Blob(Scene.Container, name) is { } blob ? Convert.ToHexString(blob.ToArray()!) : "none")}");
        return string.Join('\n', [.. blobs, $"asked for tokens: {_scene.Imds.Requests.Count}, got {_scene.Imds.Tokens.Count}", health.ToJsonString()]);
    }

    [GeneratedRegex("Refused: ([a-z-]+) ")]
    private static partial Regex Reason();
}
