using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using TokenBroker.Configuration;
using TokenBroker.Logging;

namespace TokenBroker.Hosting;

/// <summary>
/// Two things happen before the program's first line runs: the runtime opens its diagnostics socket, and it uses the
/// descriptor number of any standard stream that is closed. So on Linux the program restarts itself once in the same
/// process, with diagnostics off and the missing streams open. The process id, the arguments and the environment do not
/// change.
/// </summary>
internal static partial class CleanStart
{
    /// <summary>Microsoft's own variable: 0 closes the socket through which a process of the same user can read this one's memory.</summary>
    public const string DiagnosticsVariable = "DOTNET_EnableDiagnostics";

    private const string OlderVariable = "COMPlus_EnableDiagnostics";
    private const int ReadWrite = 2;
    private const int MayExecute = 1;

    /// <summary>Commands that never have a token. A probe runs every few seconds and should cost as little as possible.</summary>
    private static readonly string[] WithoutToken = ["probe", "wait", "env", "key", "--help", "-h", "-?", "--version"];

    /// <summary>True if the user switched them on.</summary>
    public static bool DiagnosticsAreOn(ProcessEnvironment environment) =>
        (environment[DiagnosticsVariable] ?? environment[OlderVariable]) is { } value && value.Trim('0').Length > 0;

    /// <summary>Returns if there is nothing to do or if it is not possible; otherwise the program restarts.</summary>
    public static void Ensure(string[] arguments, ProcessEnvironment environment)
    {
        if (OperatingSystem.IsWindows())
            return;
        var missing = Enumerable.Range(0, 3).Where(stream => !StandardStream.IsInherited(stream)).ToList();
        // Code that is compiled ahead of time does not have this socket.
        var closeSocket = RuntimeFeature.IsDynamicCodeSupported && !Debugger.IsAttached && !WithoutToken.Contains(arguments.FirstOrDefault())
            && environment[DiagnosticsVariable] is null && environment[OlderVariable] is null;
        if (missing.Count == 0 && !closeSocket)
            return;
        if (OperatingSystem.IsLinux() && Environment.ProcessPath is { } path && Access(path, MayExecute) == 0 && CommandLine() is { } commandLine)
            Replace(path, commandLine, missing, closeSocket);
        else
            OpenFree(missing);
    }

    private static void Replace(string path, byte[][] commandLine, List<int> missing, bool closeSocket)
    {
        var nothing = missing.Count > 0 ? Open("/dev/null", ReadWrite) : -1;
        foreach (var stream in missing)
        {
            // The runtime's descriptors with these numbers end together with the runtime in a moment.
            if (nothing < 0 || (nothing != stream && Duplicate(nothing, stream) < 0))
                return;
        }

        if (nothing > StandardStream.Error)
            _ = Close(nothing);
        if (closeSocket && SetVariable(DiagnosticsVariable, "0", overwrite: 1) != 0)
            return;
        var pointers = new nint[commandLine.Length + 1];
        foreach (var (index, argument) in commandLine.Index())
        {
            pointers[index] = Marshal.AllocHGlobal(argument.Length + 1);
            Marshal.Copy(argument, 0, pointers[index], argument.Length);
            Marshal.WriteByte(pointers[index], argument.Length, 0);
        }

        RemoveSockets();
        _ = Execute(path, pointers);
        // The restart failed. The process continues as it is.
    }

    /// <summary>The runtime removes its socket and pipes when it ends normally, but not when it is replaced.</summary>
    private static void RemoveSockets()
    {
        try
        {
            // The names end in the start time of the process, field 22: other containers may share the directory.
            var state = File.ReadAllText("/proc/self/stat");
            var name = $"{Environment.ProcessId}-{state[(state.LastIndexOf(')') + 2)..].Split(' ')[19]}";
            foreach (var file in new[] { $"dotnet-diagnostic-{name}-socket", $"clr-debug-pipe-{name}-in", $"clr-debug-pipe-{name}-out" })
                File.Delete(Path.Combine(Path.GetTempPath(), file));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Nothing listens there any more.
        }
    }

    /// <summary>If the program cannot restart, this at least prevents sockets from getting the free descriptor numbers.</summary>
    private static void OpenFree(List<int> missing)
    {
        for (var count = missing.Count; count > 0; count--)
        {
            var opened = Open("/dev/null", ReadWrite);
            if (opened > StandardStream.Error)
                _ = Close(opened);
        }
    }

    /// <summary>The arguments as bytes, the program's own name first; null if they cannot be read.</summary>
    private static byte[][]? CommandLine()
    {
        try
        {
            var text = Encoding.Latin1.GetString(File.ReadAllBytes("/proc/self/cmdline"));
            return text.EndsWith('\0') ? [.. text[..^1].Split('\0').Select(Encoding.Latin1.GetBytes)] : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "dup2")]
    private static partial int Duplicate(int descriptor, int number);

    [LibraryImport("libc", EntryPoint = "access", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Access(string path, int mode);

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "execv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Execute(string path, [In] nint[] arguments);
}
