using TokenBroker.TestSupport.Processes;
using Xunit;

namespace TokenBroker.EndToEnd.Environments;

/// <summary>Sends a signal to one process, by its number. The shell has a `kill` even where no package brings one.</summary>
internal static class Signals
{
    public const string Interrupt = "INT";
    public const string Kill = "KILL";
    public const string Terminate = "TERM";

    public static async Task SendAsync(int process, string signal)
    {
        var sent = await ProcessRun.CompleteAsync(new ProcessSpec("sh", "-c", $"kill -{signal} {process}"));
        Assert.True(sent.ExitCode == 0, sent.Output);
    }
}
