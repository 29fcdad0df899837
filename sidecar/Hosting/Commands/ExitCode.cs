using System.Runtime.InteropServices;

namespace TokenBroker.Hosting.Commands;

/// <summary>What the process ends with.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>It could not start: an address is taken, say. Of a check, a probe or a wait: the worst finding is a failure.</summary>
    public const int Failure = 1;

    /// <summary>The settings are wrong; each fault stands on a line of its own on standard error.</summary>
    public const int Configuration = 2;

    /// <summary>Of a check: the worst finding is a warning.</summary>
    public const int Warning = 3;

    /// <summary>Ctrl-C, as shells have it: 128 and the signal's number.</summary>
    public const int Interrupted = 130;

    /// <summary>The word to stop came, and requests were cut that did not end in time.</summary>
    public const int Cut = 143;

    /// <param name="signal">The signal that ended it; null if it was another word.</param>
    /// <param name="wasCut">True if requests in flight were cut.</param>
    /// <param name="hasFailed">True if it ended because a part of it did.</param>
    public static int OfRun(PosixSignal? signal, bool wasCut, bool hasFailed) =>
        hasFailed ? Failure
        : signal == PosixSignal.SIGINT ? Interrupted
        : wasCut ? Cut
        : Success;
}
