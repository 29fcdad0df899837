using TokenBroker.TestSupport.Processes;

namespace TokenBroker.TestSupport.Requirements;

/// <summary>Asks a program a short question. A program that is not there, or does not answer in time, is no error but an answer: null.</summary>
internal static class ProbeRun
{
    // Generous, since the first import of a large Python package on a cold, busy disk takes its time.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public static ProcessResult? Ask(string command, params string[] arguments)
    {
        if (Executable.Find(command) is not { } file)
            return null;
        try
        {
            return ProcessRun.CompleteAsync(new ProcessSpec(file, arguments) { Limit = Limit }).GetAwaiter().GetResult();
        }
        catch (Exception fault) when (fault is TimeoutException or System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
