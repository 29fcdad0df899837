namespace TokenBroker.TestSupport.Processes;

/// <summary>A program to run. Arguments are a list and reach the program as they are: no shell, no quoting.</summary>
public sealed record ProcessSpec(string File, params IReadOnlyList<string> Arguments)
{
    /// <summary>Added to the environment after it was cleaned (see <see cref="CleanEnvironment"/>); null removes a variable.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    public string? WorkingDirectory { get; init; }

    /// <summary>Written to standard input, which is then closed. Null keeps it open and empty until the process is disposed of.</summary>
    public byte[]? StandardInput { get; init; }

    /// <summary>How long <see cref="ProcessRun.CompleteAsync"/> waits before it ends the process and throws.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromMinutes(1);
}

/// <summary>What a program left behind.</summary>
/// <param name="Output">Standard output and standard error, line by line as they came.</param>
/// <param name="StandardOutput">Standard output alone, with lines ended by <c>\n</c>.</param>
public sealed record ProcessResult(int ExitCode, string Output, string StandardOutput);
