using Microsoft.Extensions.Hosting;

namespace TokenBroker.Hosting;

/// <summary>
/// Replaces the platform's handling of signals, which has only one exit code and no time for further connections.
/// </summary>
internal sealed class NullHostLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
