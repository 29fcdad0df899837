using System.Runtime.InteropServices;

namespace TokenBroker.Hosting.Commands;

/// <summary>The exit codes of the process.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>
    /// The sidecar could not start, for example because an address is in use. For check, probe and wait: the result is a
    /// failure.
    /// </summary>
    public const int Failure = 1;

    /// <summary>The settings are wrong; each fault is one line on standard error.</summary>
    public const int Configuration = 2;

    /// <summary>For check: the worst finding is a warning.</summary>
    public const int Warning = 3;

    /// <summary>Ctrl-C, with the number that shells use: 128 plus the signal's number.</summary>
    public const int Interrupted = 130;

    /// <summary>A shutdown in which requests did not end in time and were aborted.</summary>
    public const int Cut = 143;

    /// <param name="signal">The signal that ended the process; null if there was none.</param>
    /// <param name="wasCut">True if requests in flight were aborted.</param>
    /// <param name="hasFailed">True if the process ended because a part of it failed.</param>
    public static int OfRun(PosixSignal? signal, bool wasCut, bool hasFailed) =>
        hasFailed ? Failure
        : signal == PosixSignal.SIGINT ? Interrupted
        : wasCut ? Cut
        : Success;
}
