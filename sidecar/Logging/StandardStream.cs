using System.Runtime.InteropServices;
using System.Text;

namespace TokenBroker.Logging;

/// <summary>
/// Standard output and error, without the console's locks, and with the result of each write: the console's stream hides a
/// broken pipe.
/// </summary>
internal static partial class StandardStream
{
    public const int Output = 1;
    public const int Error = 2;

    /// <summary>How long a sentence on standard error may wait for its reader.</summary>
    private static readonly TimeSpan SayTimeout = TimeSpan.FromSeconds(1);

    private const int GetDescriptorFlags = 1;
    private const int CloseOnExec = 1;
    private const int Interrupted = 4;
    private const short WritableEvent = 4;
    private static readonly int WouldBlock = OperatingSystem.IsMacOS() ? 35 : 11;

    private static readonly bool[] Inherited = [.. Enumerable.Range(0, 3).Select(descriptor =>
        OperatingSystem.IsWindows() || (GetFlags(descriptor, GetDescriptorFlags) is >= 0 and var flags && (flags & CloseOnExec) == 0))];

    /// <summary>
    /// True if the process was started with this descriptor. An inherited descriptor does not have the close-on-exec flag.
    /// A descriptor that the runtime opened in place of a closed one has the flag, and must not be written to.
    /// </summary>
    public static bool IsInherited(int descriptor) => Inherited[descriptor];

    /// <summary>Writes all bytes and waits for the reader as long as necessary.</summary>
    /// <returns>False if that failed: the reader is gone, or the disk is full.</returns>
    public static bool TryWrite(int descriptor, ReadOnlySpan<byte> bytes)
    {
        if (OperatingSystem.IsWindows())
            return TryWriteToConsole(descriptor, bytes);
        if (!IsInherited(descriptor))
            return true; // started without it: as if it was /dev/null
        while (bytes.Length > 0)
        {
            var written = Write(descriptor, bytes, bytes.Length);
            if (written >= 0)
            {
                bytes = bytes[(int)written..];
                continue;
            }

            var error = Marshal.GetLastPInvokeError();
            if (error == WouldBlock)
                WaitUntilWritable(descriptor);
            else if (error != Interrupted)
                return false;
        }

        return true;
    }

    /// <summary>
    /// Lines on standard error, for a process that ends because it could not do its work. Waits only a moment if nobody
    /// reads them.
    /// </summary>
    public static void Say(params IEnumerable<string> lines)
    {
        var bytes = Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => $"tokenbroker: {line}{Environment.NewLine}")));
        var writer = new Thread(() => TryWrite(Error, bytes)) { IsBackground = true, Name = "standard error" };
        writer.Start();
        writer.Join(SayTimeout);
    }

    private static bool TryWriteToConsole(int descriptor, ReadOnlySpan<byte> bytes)
    {
        try
        {
            using var stream = descriptor == Output ? Console.OpenStandardOutput() : Console.OpenStandardError();
            stream.Write(bytes);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static void WaitUntilWritable(int descriptor)
    {
        // Another process of the same terminal or pipe has made it non-blocking.
        var entry = new PollEntry { Descriptor = descriptor, Events = WritableEvent };
        _ = Poll(ref entry, 1, -1);
    }

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int descriptor, ReadOnlySpan<byte> bytes, nint count);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(ref PollEntry entries, nuint count, int timeout);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int GetFlags(int descriptor, int command);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Received;
    }
}
