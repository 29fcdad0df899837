using System.ComponentModel;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace TokenBroker.Local.Processes;

/// <summary>
/// A process of the environment. It watches its standard input, whose other end only this process holds: so it ends when it
/// is asked to, and also when this process is killed.
/// </summary>
public sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task _reading;
    private readonly TimeSpan _stopLimit;

    private ChildProcess(string name, Process process, LocalEnvironmentOptions options)
    {
        Name = name;
        _process = process;
        _stopLimit = options.StopLimit;
        ProcessId = process.Id;
        Output = new ChildOutput(options.CapturedLines);
        _reading = Task.WhenAll(ReadAsync(process.StandardOutput, isError: false), ReadAsync(process.StandardError, isError: true));
    }

    /// <summary>What this process is called in messages.</summary>
    public string Name { get; }

    /// <summary>The operating system's number of the process.</summary>
    public int ProcessId { get; }

    /// <summary>What it has written.</summary>
    public ChildOutput Output { get; }

    /// <summary>Its exit code; null while it runs.</summary>
    public int? ExitCode => _process.HasExited ? _process.ExitCode : null;

    internal static ChildProcess Start(string name, ProcessStartInfo startInfo, LocalEnvironmentOptions options)
    {
        startInfo.UseShellExecute = false;
        startInfo.CreateNoWindow = true;
        startInfo.RedirectStandardInput = true;
        startInfo.RedirectStandardOutput = true;
        startInfo.RedirectStandardError = true;
        try
        {
            return new ChildProcess(name, Process.Start(startInfo)!, options);
        }
        catch (Win32Exception exception)
        {
            throw new LocalEnvironmentException($"{name} could not be started from '{startInfo.FileName}': {exception.Message}.", exception);
        }
    }

    /// <summary>Waits for an address that the process prints once it listens there.</summary>
    internal async Task<Uri> ReadAddressAsync(Regex pattern, CancellationToken cancellationToken)
    {
        var found = Output.FirstMatchAsync(pattern);
        var ended = WaitForExitAsync(cancellationToken);
        await Task.WhenAny(found, ended).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return found.IsCompletedSuccessfully ? new Uri(found.Result) : throw StartFailure.Of(this);
    }

    /// <summary>Waits until the process has ended and its last line has been read.</summary>
    public async Task WaitForExitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        await _reading.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends the process at once, as a crash would.</summary>
    public void Kill() => _process.Kill(entireProcessTree: true);

    /// <summary>
    /// Asks the process to end, by closing its standard input, and kills it if it has not ended within the limit.
    /// </summary>
    public async Task StopAsync()
    {
        if (ExitCode is not null)
            return;

        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It is already ending.
        }

        using var limit = new CancellationTokenSource(_stopLimit);
        try
        {
            await WaitForExitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Kill();
            await _process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <summary>Stops the process. Its output and exit code stay readable.</summary>
    public async ValueTask DisposeAsync() => await StopAsync().ConfigureAwait(false);

    private async Task ReadAsync(StreamReader reader, bool isError)
    {
        while (await reader.ReadLineAsync().ConfigureAwait(false) is { } line)
            Output.Add(isError, line);
    }
}
