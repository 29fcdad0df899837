using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;

namespace TokenBroker.Hosting;

/// <summary>
/// The shutdown signals: a signal of the system, or a stop of the host itself (standard input closed, or a part of it
/// failed). A second signal ends the process at once.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _second = new();

    public StopSignals()
    {
        foreach (var signal in new[] { PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT, PosixSignal.SIGHUP })
            _registrations.Add(PosixSignalRegistration.Create(signal, Take));
    }

    /// <summary>The first signal; null if there was none.</summary>
    public PosixSignal? Signal { get; private set; }

    public Task First => _first.Task;

    /// <summary>Cancelled by a second signal.</summary>
    public CancellationToken Second => _second.Token;

    /// <summary>Also watches for a stop of the host itself.</summary>
    public void Watch(IHostApplicationLifetime lifetime) => lifetime.ApplicationStopping.Register(() => _first.TrySetResult());

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _second.Dispose();
    }

    private void Take(PosixSignalContext context)
    {
        context.Cancel = true; // the process ends after the drain
        if (_first.Task.IsCompleted)
        {
            _second.Cancel();
            return;
        }

        Signal = context.Signal;
        _first.TrySetResult();
    }
}
