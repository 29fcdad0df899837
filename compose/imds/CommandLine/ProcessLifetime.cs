using System.Runtime.InteropServices;

namespace TokenBroker.Imds.CommandLine;

/// <summary>What stops the process gracefully: SIGTERM, SIGINT and, when asked for, the end of standard input.</summary>
internal static class ProcessLifetime
{
    internal static async Task WaitForEndAsync(bool exitWithStdin)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        if (exitWithStdin)
        {
            // A separate thread: a blocked read of a console cannot be cancelled and must not keep the process alive.
            new Thread(() =>
            {
                using var input = Console.OpenStandardInput();
                var buffer = new byte[256];
                while (Read(input, buffer) > 0)
                {
                    // The input is ignored; only its end matters.
                }
                ended.TrySetResult();
            })
            { IsBackground = true, Name = "stdin" }.Start();
        }
        await ended.Task;

        void End(PosixSignalContext signal)
        {
            signal.Cancel = true;
            ended.TrySetResult();
        }
    }

    private static int Read(Stream input, byte[] buffer)
    {
        try
        {
            return input.Read(buffer);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
