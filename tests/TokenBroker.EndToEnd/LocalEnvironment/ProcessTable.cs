using System.Diagnostics;
using System.Globalization;

namespace TokenBroker.EndToEnd.Environments;

/// <summary>Whether processes that are not ours are still there.</summary>
internal static class ProcessTable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits until none of the processes runs; gives those that still do when the limit has passed.</summary>
    public static async Task<IReadOnlyList<int>> StillRunningAfterAsync(IReadOnlyCollection<int> processes, TimeSpan limit)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            int[] running = [.. processes.Where(IsRunning)];
            if (running.Length == 0 || Stopwatch.GetElapsedTime(started) > limit)
                return running;
            await Task.Delay(Interval);
        }
    }

    public static bool IsRunning(int process)
    {
        // An orphan that has ended may stay in the table when nobody collects it, as in a container without an init.
        if (OperatingSystem.IsLinux())
            return StateOnLinux(process) is not (null or 'Z' or 'X');

        try
        {
            using var found = Process.GetProcessById(process);
            return !found.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    /// <summary>The children of a process that run a program of this name.</summary>
    public static IReadOnlyList<int> ChildrenOnLinux(int parent, string name)
    {
        var processes = Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(entry => char.IsAsciiDigit(entry![0]));
        return [.. processes.Select(entry => int.Parse(entry!, CultureInfo.InvariantCulture)).Where(process => IsChild(process, parent, name))];
    }

    // "<id> (<name>) <state> <parent> ..."
    private static bool IsChild(int process, int parent, string name)
    {
        try
        {
            var status = File.ReadAllText($"/proc/{process}/stat");
            return status.Contains($"({name})", StringComparison.Ordinal) && status[(status.LastIndexOf(')') + 4)..].StartsWith($"{parent} ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static char? StateOnLinux(int process)
    {
        try
        {
            var status = File.ReadAllText($"/proc/{process}/stat");
            return status[status.LastIndexOf(')') + 2];
        }
        catch (IOException)
        {
            return null;
        }
    }
}
