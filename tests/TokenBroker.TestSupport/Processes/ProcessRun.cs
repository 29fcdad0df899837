using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace TokenBroker.TestSupport.Processes;

/// <summary>A program that runs beside the test: its output is kept, waited for line by line, and it ends with the test.</summary>
public sealed class ProcessRun : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];
    private readonly StringBuilder _standardOutput = new();
    // Replaced at every line, so that a waiter wakes up for each and none is missed.
    private TaskCompletionSource _news = NewSignal();

    private ProcessRun(Process process) => _process = process;

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Null while it runs. 128 and more is the number of the signal that ended it.</summary>
    public int? ExitCode => _process.HasExited ? _process.ExitCode : null;

    /// <summary>Everything printed so far, both streams.</summary>
    public string Output
    {
        get { lock (_lock) return string.Join('\n', _lines); }
    }

    public static ProcessRun Start(ProcessSpec spec)
    {
        var start = new ProcessStartInfo(Executable.Find(spec.File) ?? spec.File, spec.Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = spec.WorkingDirectory ?? "",
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        CleanEnvironment.Clean(start.Environment);
        foreach (var (name, value) in spec.Environment)
            start.Environment[name] = value;

        var run = new ProcessRun(new Process { StartInfo = start, EnableRaisingEvents = true });
        run._process.OutputDataReceived += (_, line) => run.Add(line.Data, standardOutput: true);
        run._process.ErrorDataReceived += (_, line) => run.Add(line.Data, standardOutput: false);
        run._process.Exited += (_, _) => run.Signal();
        run._process.Start();
        run._process.BeginOutputReadLine();
        run._process.BeginErrorReadLine();
        if (spec.StandardInput is { } input)
            run.Feed(input);
        return run;
    }

    /// <summary>Runs a program to its end. Throws <see cref="TimeoutException"/> with its output if it takes longer than the limit.</summary>
    public static async Task<ProcessResult> CompleteAsync(ProcessSpec spec)
    {
        await using var run = Start(spec with { StandardInput = spec.StandardInput ?? [] });
        var exitCode = await run.ExitAsync(spec.Limit);
        lock (run._lock)
            return new ProcessResult(exitCode, string.Join('\n', run._lines), run._standardOutput.ToString());
    }

    /// <summary>The first line that matches, already printed or still to come. Throws if the process ends or the limit passes before.</summary>
    public async Task<Match> LineAsync(string pattern, TimeSpan limit)
    {
        using var timer = new CancellationTokenSource(limit);
        var seen = 0;
        while (true)
        {
            Task news;
            var ended = _process.HasExited;
            if (ended)
                await ExitAsync(limit); // reads what is still in the pipes
            lock (_lock)
            {
                for (; seen < _lines.Count; seen++)
                    if (Regex.Match(_lines[seen], pattern) is { Success: true } match)
                        return match;
                news = _news.Task;
            }
            if (ended)
                throw new InvalidOperationException($"{_process.StartInfo.FileName} ended before it printed '{pattern}':\n{Output}");
            try
            {
                await news.WaitAsync(timer.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"{_process.StartInfo.FileName} did not print '{pattern}' within {limit}:\n{Output}");
            }
        }
    }

    /// <summary>Writes a line to its standard input, which stays open.</summary>
    public void SendLine(string line = "")
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
    }

    /// <summary>The exit code, once it has ended and all its output was read.</summary>
    public async Task<int> ExitAsync(TimeSpan limit)
    {
        using var timer = new CancellationTokenSource(limit);
        try
        {
            await _process.WaitForExitAsync(timer.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"{_process.StartInfo.FileName} did not end within {limit}:\n{Output}");
        }
        return _process.ExitCode;
    }

    /// <summary>Closes its standard input, as the death of a parent does.</summary>
    public void CloseStandardInput() => _process.StandardInput.Close();

    /// <summary>Ends the process and all that it started.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }
        _process.Dispose();
    }

    private void Feed(byte[] input)
    {
        // A program that does not read its input may be gone by now: no fault of the test.
        try
        {
            _process.StandardInput.BaseStream.Write(input);
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
        }
    }

    private void Add(string? line, bool standardOutput)
    {
        if (line is null)
            return;
        lock (_lock)
        {
            _lines.Add(line);
            if (standardOutput)
                _standardOutput.Append(line).Append('\n');
        }
        Signal();
    }

    private void Signal()
    {
        TaskCompletionSource news;
        lock (_lock)
            (news, _news) = (_news, NewSignal());
        news.TrySetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
