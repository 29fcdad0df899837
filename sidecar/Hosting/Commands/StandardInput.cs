namespace TokenBroker.Hosting.Commands;

/// <summary>
/// Stops the host when standard input closes. A pipe closes when the process at its other end has ended for any reason.
/// This is the only way that works on every system to stop together with a parent that was killed.
/// </summary>
internal sealed class StandardInput(IHostApplicationLifetime lifetime) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Reads of a console or pipe cannot be cancelled, so they get a separate thread that ends with the process.
        await Task.Factory.StartNew(ReadToEnd, stoppingToken, TaskCreationOptions.LongRunning, TaskScheduler.Default)
            .WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lifetime.StopApplication();
    }

    private static void ReadToEnd()
    {
        using var input = Console.OpenStandardInput();
        var buffer = new byte[256];
        while (input.Read(buffer) > 0)
        {
            // The input is ignored; only its end matters.
        }
    }
}
