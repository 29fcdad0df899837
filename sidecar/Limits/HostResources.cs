using System.Globalization;

namespace TokenBroker.Limits;

/// <summary>The resources that the host allows this process, read once at start.</summary>
/// <param name="Descriptors">How many file descriptors it may have; null if the system does not report it.</param>
/// <param name="OpenDescriptors">How many it has already.</param>
/// <param name="Memory">The bytes of memory that the runtime may use. Inside a container, this follows the container's limit.</param>
internal sealed record HostResources(long? Descriptors, long OpenDescriptors, long Memory)
{
    /// <summary>Assumed if the system does not report it: more than the runtime has after start.</summary>
    private const long UsuallyOpen = 256;

    /// <summary>Raises the descriptor limit as far as it may be raised, and reads what there is.</summary>
    public static HostResources Read() =>
        new(DescriptorLimit.Raise(), CountOpen(), GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);

    private static long CountOpen()
    {
        try
        {
            return OperatingSystem.IsLinux() ? Directory.EnumerateFileSystemEntries("/proc/self/fd").LongCount() : UsuallyOpen;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return UsuallyOpen;
        }
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{OpenDescriptors} of {Descriptors} descriptors, {Memory} bytes");
}
