using System.Diagnostics;
using TokenBroker.Imds;

namespace TokenBroker.Tests.Emulator;

/// <summary>The emulator as its own process, with the output it has written so far.</summary>
internal sealed class EmulatorProcess : IAsyncDisposable
{
    private readonly Process _process;

    private EmulatorProcess(Process process) => _process = process;

    internal static EmulatorProcess Start(string[] arguments, string? directory = null, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = directory ?? AppContext.BaseDirectory,
        };
        start.ArgumentList.Add(typeof(ImdsEmulator).Assembly.Location);
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return new(Process.Start(start)!);
    }

    /// <summary>The two lines that say where it listens.</summary>
    internal async Task<(string Metadata, string Control)> WaitUntilReadyAsync() =>
        (await LineAsync("imds-emulator listening on "), await LineAsync("imds-emulator control on "));

    internal void CloseInput() => _process.StandardInput.Close();

    internal async Task TerminateAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        await kill.WaitForExitAsync();
    }

    /// <summary>What is left of the output, and the exit code.</summary>
    internal async Task<(int ExitCode, string Output, string Error)> WaitForExitAsync()
    {
        using var patience = new CancellationTokenSource(EmulatorClient.Patience);
        var output = _process.StandardOutput.ReadToEndAsync(patience.Token);
        var error = _process.StandardError.ReadToEndAsync(patience.Token);
        await _process.WaitForExitAsync(patience.Token);
        return (_process.ExitCode, await output, await error);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task<string> LineAsync(string start)
    {
        var line = await _process.StandardOutput.ReadLineAsync().WaitAsync(EmulatorClient.Patience) ?? "(the output ended)";
        return line.StartsWith(start, StringComparison.Ordinal) ? line[start.Length..] : throw new InvalidOperationException($"expected '{start}…', not '{line}'");
    }
}
