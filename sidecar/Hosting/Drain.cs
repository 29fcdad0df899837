using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TokenBroker.Admin;
using TokenBroker.Configuration;
using TokenBroker.Proxy;

namespace TokenBroker.Hosting;

/// <summary>
/// The end, in order: not ready; go on accepting for a while, until whoever sends requests has noticed; close the listeners;
/// finish what is in flight, or cut it when the time is up.
/// </summary>
internal sealed partial class Drain(
    BrokerOptions options, Lifecycle lifecycle, RequestsInFlight requests, TimeProvider time, ILogger<Drain> logger) : IHostedLifecycleService
{
    /// <summary>True if requests were cut.</summary>
    public bool WasCut { get; private set; }

    /// <param name="host">What to stop; it gives what is in flight <see cref="BrokerOptions.DrainMax"/>.</param>
    /// <param name="signals">What it was that began this; another signal ends it at once.</param>
    public async Task RunAsync(IHost host, StopSignals signals)
    {
        lifecycle.Enter(Phase.Stopping);
        Stopping(logger, signals.Signal?.ToString() ?? "no signal", options.DrainMin.TotalSeconds, options.DrainMax.TotalSeconds, requests.Count);
        if (options.DrainMin > TimeSpan.Zero)
            await Task.Delay(options.DrainMin, time, signals.Second).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await host.StopAsync(signals.Second);
    }

    /// <param name="cancellationToken">Ends the drain: its time is up, or a second signal came.</param>
    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        cancellationToken.Register(() =>
        {
            if (requests.Count is var count and > 0)
            {
                WasCut = true;
                Cut(logger, count);
            }
        });
        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(5, LogLevel.Information, "Stopping ({Signal}): not ready from now on, open for {DrainMin:0.#} s more, then at most {DrainMax:0.#} s for what is in flight ({Count} now)")]
    private static partial void Stopping(ILogger logger, string signal, double drainMin, double drainMax, long count);

    [LoggerMessage(6, LogLevel.Warning, "{Count} requests did not end in time and are cut")]
    private static partial void Cut(ILogger logger, long count);
}
