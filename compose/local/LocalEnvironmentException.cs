namespace TokenBroker.Local;

/// <summary>
/// The environment cannot run here. The message is one sentence for the user and says what to do; a program prints it
/// without a stack trace.
/// </summary>
public sealed class LocalEnvironmentException : Exception
{
    /// <summary>Creates the exception with the sentence to print.</summary>
    public LocalEnvironmentException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with the sentence to print and the fault behind it.</summary>
    public LocalEnvironmentException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
