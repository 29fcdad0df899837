using System.Globalization;

namespace TokenBroker.EndToEnd.Memory;

/// <summary>What Linux says of a process's memory, in bytes.</summary>
internal static class ProcessMemory
{
    /// <summary>What it holds now.</summary>
    public static long Resident(int process) => Read(process, "VmRSS:");

    /// <summary>The most it has held since its start.</summary>
    public static long Peak(int process) => Read(process, "VmHWM:");

    private static long Read(int process, string field)
    {
        // "VmHWM:	  123456 kB"
        var line = File.ReadLines($"/proc/{process}/status").Single(line => line.StartsWith(field, StringComparison.Ordinal));
        return 1024 * long.Parse(line[field.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
    }
}
