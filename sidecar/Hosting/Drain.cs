using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
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
    BrokerOptions options, Lifecycle lifecycle, RequestsInFlight requests, DataConnections connections, TimeProvider time, ILogger<Drain> logger) : IHostedLifecycleService
{
    /// <summary>Connections without a request are closed sooner than this: what is open then has an answer that is not sent yet.</summary>
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(0.5);

    /// <summary>True if requests were cut.</summary>
    public bool WasCut { get; private set; }

    /// <param name="host">What to stop; it gives what is in flight <see cref="BrokerOptions.DrainMax"/>.</param>
    /// <param name="signals">What it was that began this; another signal ends it at once.</param>
    public async Task RunAsync(IHost host, StopSignals signals)
    {
        lifecycle.Enter(Phase.Stopping);
        Stopping(logger, signals.Signal?.ToString() ?? "no signal", options.DrainMin.TotalSeconds, options.DrainMax.TotalSeconds, requests.Count);
        // Whoever started this process and is gone (standard input closed) has nobody sent here any more.
        using var early = CancellationTokenSource.CreateLinkedTokenSource(signals.Second, host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
        if (options.DrainMin > TimeSpan.Zero)
            await Task.Delay(options.DrainMin, time, early.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await host.StopAsync(signals.Second);
    }

    /// <summary>From the word to stop on, each answer is its connection's last: a client that keeps one open goes elsewhere with the next request.</summary>
    public RequestDelegate CloseBehindAnswers(RequestDelegate next) => context =>
    {
        context.Response.OnStarting(static state =>
        {
            var (lifecycle, response) = ((Lifecycle, HttpResponse))state;
            if (lifecycle.Phase == Phase.Stopping)
                response.Headers.Connection = "close";
            return Task.CompletedTask;
        }, (lifecycle, context.Response));
        return next(context);
    };

    /// <param name="cancellationToken">Ends the drain: its time is up, or a second signal came.</param>
    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        cancellationToken.Register(() =>
        {
            var unread = time.GetElapsedTime(began) >= Idle ? connections.Count : 0;
            if (Math.Max(requests.Count, unread) is var count and > 0)
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
