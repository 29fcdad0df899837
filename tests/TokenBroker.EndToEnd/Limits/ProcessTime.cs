using System.Globalization;

namespace TokenBroker.EndToEnd.Limits;

/// <summary>The processor time of a Linux process, in user and kernel mode. Other load on the machine does not add to it.</summary>
internal static class ProcessTime
{
    private const int TicksPerSecond = 100; // USER_HZ, the same on every architecture that .NET runs on

    public static TimeSpan Of(int process)
    {
        // "PID (NAME) S …": utime and stime are the fields 14 and 15 of it.
        var fields = File.ReadAllText($"/proc/{process}/stat").Split(") ")[^1].Split(' ');
        var ticks = long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
        return TimeSpan.FromSeconds((double)ticks / TicksPerSecond);
    }
}
