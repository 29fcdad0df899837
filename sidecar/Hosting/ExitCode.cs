namespace TokenBroker.Hosting;

/// <summary>What the process ends with.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>It could not start: an address is taken, say.</summary>
    public const int Failure = 1;

    /// <summary>The settings are wrong; each fault stands on a line of its own on standard error.</summary>
    public const int Configuration = 2;
}
