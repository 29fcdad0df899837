using TokenBroker.Local;
using TokenBroker.Local.Processes;

namespace TokenBroker.Client.Demo;

/// <summary>
/// The demo from start to end:
/// 1. open the JSON file, if one is asked for;
/// 2. start the environment;
/// 3. warm up both ways: the first request of each gets its token; 4. compare, size by size; 5. show the table and write
/// the file; 6. with --keep, wait for a signal.
/// </summary>
internal static class DemoRun
{
    private static readonly TimeSpan SignalGrace = TimeSpan.FromSeconds(1);

    public static async Task<int> RunAsync(DemoSettings settings)
    {
        using var signals = new TerminationSignals();
        if (!TryOpenReport(settings.JsonFile, out var report)) // 1
            return ExitCodes.Usage;

        using (report)
        {
            try
            {
                return await RunAsync(settings, report, signals);
            }
            // Ctrl-C also stops npm and the children, so their last messages are not interesting.
            catch (Exception exception) when (signals.Token.IsCancellationRequested && exception is (OperationCanceledException or LocalEnvironmentException))
            {
                return signals.ExitCode;
            }
        }
    }

    private static bool TryOpenReport(string? file, out JsonReport? report)
    {
        report = null;
        try
        {
            report = file is null ? null : JsonReport.Open(file);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            Console.Error.WriteLine($"--json '{file}' cannot be written ({exception.Message.TrimEnd('.')}): choose a file in a directory that exists and that you can write to.");
            return false;
        }
    }

    private static async Task<int> RunAsync(DemoSettings settings, JsonReport? report, TerminationSignals signals)
    {
        AzureArc.ThrowIfInstalled();
        LocalEnvironment? environment = null;
        try
        {
            var rows = await RunDisplay.ShowAsync(async display =>
            {
                environment = await LocalEnvironment.StartAsync(OptionsOf(settings), display, signals.Token); // 2
                EnvironmentVariables.PointCredentialsAt(environment.MetadataEndpoint);
                return await CompareAsync(settings, environment, display, signals.Token); // 3, 4
            });
            ResultTable.Write(rows); // 5
            report?.Write(rows, RunFacts.Of(environment!.Versions, settings, rows));
            var succeeded = rows.All(row => row.Identical);
            if (settings.Keep && !await KeepAsync(environment!, signals.Token)) // 6
                return ExitCodes.Failure;
            return succeeded ? ExitCodes.Success : ExitCodes.Failure;
        }
        finally
        {
            if (environment is not null)
                await environment.DisposeAsync();
        }
    }

    private static LocalEnvironmentOptions OptionsOf(DemoSettings settings) => new()
    {
        Sidecar = new SidecarOptions { Listen = new Uri($"http://127.0.0.1:{settings.Port}") },
    };

    private static async Task<IReadOnlyList<ComparisonRow>> CompareAsync(
        DemoSettings settings, LocalEnvironment environment, RunDisplay display, CancellationToken cancellationToken)
    {
        var direct = Leg.Direct(environment);
        var proxied = Leg.Proxied(environment);
        var rows = new List<ComparisonRow>();
        display.Report("Warming up both ways: tokens, connections, code");
        await WarmAsync(direct, proxied, cancellationToken);
        foreach (var size in settings.Sizes)
        {
            var samples = settings.SamplesOf(size);
            display.Report($"Comparing {ByteSize.Format(size)}: {samples} {(samples == 1 ? "sample" : "samples")} each way");
            var comparison = new SizeComparison(direct, proxied, size, samples);
            await comparison.RunAsync(display.Update, cancellationToken);
            rows.AddRange(comparison.Rows);
        }

        return rows;
    }

    // A failure here happens again in the first sample, where a row can report it.
    private static async Task WarmAsync(Leg direct, Leg proxied, CancellationToken cancellationToken)
    {
        const int warmSize = 3;
        const int warmRounds = 10;
        try
        {
            await direct.Container.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
            await proxied.Container.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            return;
        }

        await new SizeComparison(direct, proxied, warmSize, warmRounds).RunAsync(_ => { }, cancellationToken);
    }

    /// <summary>Waits for a stop signal. False if a process ended without one.</summary>
    private static async Task<bool> KeepAsync(LocalEnvironment environment, CancellationToken stop)
    {
        KeptEnvironment.Describe(environment);
        try
        {
            var ended = await environment.WaitForAnyExitAsync(stop);
            // Ctrl-C reaches every process of the terminal, and a child may end before this process sees it.
            await Task.Delay(SignalGrace, stop);
            Console.Error.WriteLine($"{ended.Name} ended unexpectedly with exit code {ended.ExitCode}: {string.Join("; ", ended.Output.Lines.TakeLast(1))}");
            return false;
        }
        catch (OperationCanceledException)
        {
            return true;
        }
    }
}
