using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Processes;

namespace TokenBroker.EndToEnd.Logging;

/// <summary>
/// The built sidecar, started by a shell that redirects its standard streams, so that the test does not read them. Where it
/// listens is found by its sockets.
/// </summary>
internal sealed class UnwatchedSidecar : IAsyncDisposable
{
    private UnwatchedSidecar(ProcessRun run) => Run = run;

    public ProcessRun Run { get; }

    public Uri Address { get; private set; } = null!;

    public Uri Admin { get; private set; } = null!;

    /// <summary>Requests that the data listener got while it was looked for. They have audit lines too.</summary>
    public int Probes { get; private set; }

    /// <param name="settings">How it is started.</param>
    /// <param name="redirections">The shell's, such as <c>&gt;/dev/full</c>.</param>
    /// <param name="before">A command that the shell runs first, with the same redirections.</param>
    public static Task<UnwatchedSidecar> StartAsync(SidecarSettings settings, string redirections, string before = ":") =>
        StartAsync(SidecarBinary.Spec(settings.ToArguments()).With(settings.Environment), redirections, before);

    public static async Task<UnwatchedSidecar> StartAsync(ProcessSpec spec, string redirections, string before = ":")
    {
        var sidecar = new UnwatchedSidecar(ProcessRun.Start(spec with
        {
            File = "sh",
            Arguments = ["-c", $"exec {redirections}\n{before}\nexec \"$0\" \"$@\"", spec.File, .. spec.Arguments],
        }));
        try
        {
            await Wait.UntilAsync(sidecar.HasFoundListenersAsync, RunningSidecar.Limit, "it listens");
            return sidecar;
        }
        catch
        {
            await sidecar.DisposeAsync();
            throw;
        }
    }

    public async Task<JsonElement> ReadyAsync(HttpClient http)
    {
        using var answer = await http.GetAsync(new Uri(Admin, "/health/ready"));
        using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return document.RootElement.Clone();
    }

    /// <summary>How many messages were dropped, by the metric.</summary>
    public async Task<(long Audit, long Other)> DroppedAsync(HttpClient http)
    {
        long? audit = null, other = null, seen = null;
        // A scrape may be a moment old, so two equal ones must be a second apart.
        await Wait.UntilAsync(async () =>
        {
            var text = await http.GetStringAsync(new Uri(Admin, "/metrics"));
            long Of(string label) => long.Parse(Regex.Match(text, $@"tokenbroker_log_dropped_total\{{[^}}]*audit=""{label}""[^}}]*\}} (\d+)").Groups[1].Value);
            (audit, other) = (Of("true"), Of("false"));
            var isStable = seen == audit + other;
            seen = audit + other;
            await Task.Delay(1000);
            return isStable;
        }, RunningSidecar.Limit, "the counts are final");
        return (audit!.Value, other!.Value);
    }

    public ValueTask DisposeAsync() => Run.DisposeAsync();

    private async ValueTask<bool> HasFoundListenersAsync()
    {
        if (Run.HasExited)
            throw new InvalidOperationException($"It ended: {Run.Output}");
        IReadOnlyList<IPEndPoint> listeners;
        try
        {
            listeners = TcpSockets.Listeners(Run.Id);
        }
        catch (IOException)
        {
            return false; // it is about to be replaced
        }

        if (listeners.Count < 2)
            return false;
        using var http = Http.CreateClient();
        foreach (var listener in listeners)
        {
            using var answer = await http.GetAsync($"http://{listener}/health/live");
            if (answer.StatusCode == HttpStatusCode.OK)
                Admin = new($"http://{listener}");
            else
                (Address, Probes) = (new($"http://{listener}"), Probes + 1);
        }

        return Admin is not null && Address is not null;
    }
}
