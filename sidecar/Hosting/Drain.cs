using TokenBroker.Admin;
using TokenBroker.Configuration;
using TokenBroker.Hosting.Listening;
using TokenBroker.Proxy;

namespace TokenBroker.Hosting;

/// <summary>
/// The shutdown, in order: not ready; accept connections for a while, so that clients and load balancers notice; close the
/// listeners; finish the requests in flight, or abort them when the time is up.
/// </summary>
internal sealed partial class Drain(
    BrokerOptions options, IHostApplicationLifetime lifetime, Lifecycle lifecycle, RequestsInFlight requests, DataConnections connections, TimeProvider time, ILogger<Drain> logger)
{
    /// <summary>
    /// Connections without a request are closed sooner than this. A connection that is still open then has an answer that
    /// is not sent yet.
    /// </summary>
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(0.5);

    /// <summary>True if requests were aborted.</summary>
    public bool WasCut { get; private set; }

    /// <param name="host">What to stop.</param>
    /// <param name="signals">The signals. One of them started the shutdown; another one ends the process at once.</param>
    public async Task RunAsync(IHost host, StopSignals signals)
    {
        lifecycle.Enter(Phase.Stopping);
        Stopping(logger, signals.Signal?.ToString() ?? "no signal", options.DrainMin.TotalSeconds, options.DrainMax.TotalSeconds, requests.Count);
        // If standard input closed, the program that started this process has ended, and no clients need to notice.
        using var early = CancellationTokenSource.CreateLinkedTokenSource(signals.Second, lifetime.ApplicationStopping);
        if (options.DrainMin > TimeSpan.Zero)
            await Task.Delay(options.DrainMin, time, early.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        using var limit = new CancellationTokenSource(options.DrainMax, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, signals.Second);
        var began = time.GetTimestamp();
        using var noted = end.Token.Register(() => NoteCut(time.GetElapsedTime(began)));
        await host.StopAsync(end.Token);
    }

    /// <summary>
    /// After the shutdown signal, each answer closes its connection, so that the client's next request goes elsewhere.
    /// </summary>
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

    /// <param name="after">Time since the listeners began to close.</param>
    private void NoteCut(TimeSpan after)
    {
        if (Math.Max(requests.Count, after >= Idle ? connections.Count : 0) is not (var count and > 0))
            return;
        WasCut = true;
        Cut(logger, count);
    }

    [LoggerMessage(5, LogLevel.Information, "Stopping ({Signal}) with {Count} requests in flight. The sidecar reports not ready, accepts connections for {DrainMin:0.#} s, and then lets requests finish for at most {DrainMax:0.#} s")]
    private static partial void Stopping(ILogger logger, string signal, double drainMin, double drainMax, long count);

    [LoggerMessage(6, LogLevel.Warning, "{Count} requests did not end in time and were aborted")]
    private static partial void Cut(ILogger logger, long count);
}
