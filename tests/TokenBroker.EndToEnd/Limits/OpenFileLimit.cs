using System.Globalization;
using TokenBroker.TestSupport.Processes;
using Xunit;

namespace TokenBroker.EndToEnd.Limits;

/// <summary>The limit of open files (RLIMIT_NOFILE) of a process that a test starts.</summary>
internal static class OpenFileLimit
{
    /// <summary>Starts a program under this limit, soft and hard. It keeps the process's id.</summary>
    public static Func<ProcessSpec, ProcessSpec> Of(int limit) => spec => spec with
    {
        File = "sh",
        Arguments = ["-c", $"ulimit -n {limit}; exec \"$0\" \"$@\"", spec.File, .. spec.Arguments],
    };

    /// <summary>From now on, the process cannot open anything.</summary>
    public static async Task LowerToWhatIsOpenAsync(int process)
    {
        // Descriptors need not be consecutive: the limit is on the next free number.
        var free = Enumerable.Range(0, int.MaxValue).First(number => !Path.Exists($"/proc/{process}/fd/{number}"));
        var run = await ProcessRun.CompleteAsync(new ProcessSpec("prlimit", $"--pid={process}", string.Create(CultureInfo.InvariantCulture, $"--nofile={free}:{free}")));
        Assert.True(run.ExitCode == 0, run.Output);
    }
}
