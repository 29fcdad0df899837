using System.Runtime.InteropServices;

namespace TokenBroker.Client;

/// <summary>
/// Turns the first Ctrl-C, SIGTERM or closing of the terminal into a cancellation, so that child processes are stopped in
/// order. A second signal ends the process at once; its children then stop by themselves.
/// </summary>
internal sealed class TerminationSignals : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;

    public TerminationSignals() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Cancel(signal, ExitCodes.Interrupted)),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Cancel(signal, ExitCodes.Terminated)),
        PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal => Cancel(signal, ExitCodes.Terminated)),
    ];

    public CancellationToken Token => _source.Token;

    /// <summary>The exit code of a process that was ended by the signal that came.</summary>
    public int ExitCode { get; private set; } = ExitCodes.Interrupted;

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _source.Dispose();
    }

    private void Cancel(PosixSignalContext signal, int exitCode)
    {
        if (_source.IsCancellationRequested)
            return;

        signal.Cancel = true;
        ExitCode = exitCode;
        _source.Cancel();
    }
}
