namespace TokenBroker.Client;

/// <summary>What the client's exit code means.</summary>
internal static class ExitCodes
{
    /// <summary>Everything succeeded, and every byte was the same.</summary>
    public const int Success = 0;

    /// <summary>A byte differed, a request failed, or the environment could not be started.</summary>
    public const int Failure = 1;

    /// <summary>The command line has a fault; nothing was started.</summary>
    public const int Usage = 2;

    /// <summary>Interrupted by Ctrl-C.</summary>
    public const int Interrupted = 130;

    /// <summary>Ended by SIGTERM or by the closing of the terminal.</summary>
    public const int Terminated = 143;
}
