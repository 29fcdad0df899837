namespace TokenBroker.Hosting;

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
}
