using Microsoft.Extensions.Hosting;

namespace TokenBroker.Hosting;

/// <summary>The platform's own handling of signals stays out: it knows one exit code and no time to go on accepting.</summary>
internal sealed class NoConsole : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
