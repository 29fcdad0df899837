using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace TokenBroker.Limits;

/// <summary>The system's limit on this process's file descriptors (RLIMIT_NOFILE). A socket is one.</summary>
internal static partial class DescriptorLimit
{
    private const int LinuxResource = 7;
    private const int MacResource = 8;

    /// <summary>macOS refuses a soft limit above OPEN_MAX, whatever the hard limit says.</summary>
    private const ulong MacMax = 10240;

    /// <summary>Raises the soft limit to the hard one, which needs no privilege.</summary>
    /// <returns>The limit that is in force; null if there is none or it cannot be read.</returns>
    public static long? Raise()
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS())
            return null;
        var resource = OperatingSystem.IsMacOS() ? MacResource : LinuxResource;
        if (GetLimit(resource, out var limit) != 0)
            return null;
        var wanted = OperatingSystem.IsMacOS() ? Math.Min(limit.Hard, MacMax) : limit.Hard;
        if (limit.Soft < wanted && SetLimit(resource, limit with { Soft = wanted }) == 0)
            limit = limit with { Soft = wanted };
        return limit.Soft > int.MaxValue ? int.MaxValue : (long)limit.Soft;
    }

    /// <summary>Raises the limit, and returns whether it is high enough for the process.</summary>
    public static bool TryRaise() => Raise() is not < EffectiveLimits.MinDescriptors;

    /// <summary>
    /// True if no descriptor can be opened now. A failed name lookup does not show this: the resolver reports a missing
    /// descriptor as a failing name server.
    /// </summary>
    public static bool IsReached()
    {
        try
        {
            using var socket = new Socket(SocketType.Dgram, ProtocolType.Udp);
            return false;
        }
        catch (SocketException error)
        {
            return IsCause(error);
        }
    }

    /// <summary>True for the error of a process (EMFILE) or a system (ENFILE) that has no descriptor left.</summary>
    public static bool IsCause(SocketException error) => error.SocketErrorCode == SocketError.TooManyOpenSockets;

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int GetLimit(int resource, out Limit limit);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetLimit(int resource, in Limit limit);

    /// <summary>rlimit with 64-bit members, as every system has it that .NET runs on in 64 bits.</summary>
    private readonly record struct Limit(ulong Soft, ulong Hard);
}
