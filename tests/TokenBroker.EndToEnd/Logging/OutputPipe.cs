using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Processes;

namespace TokenBroker.EndToEnd.Logging;

/// <summary>A named pipe with a reader that reads nothing until it is asked to.</summary>
internal sealed class OutputPipe : IDisposable
{
    private readonly FileStream _pipe;
    private readonly List<string> _lines = [];
    private readonly Lock _lock = new();

    private OutputPipe(string path, FileStream pipe) => (Path, _pipe) = (path, pipe);

    public string Path { get; }

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lock)
                return [.. _lines];
        }
    }

    public static async Task<OutputPipe> CreateAsync(TemporaryDirectory directory)
    {
        var path = directory.File($"pipe-{Guid.NewGuid():N}");
        var made = await ProcessRun.CompleteAsync(new ProcessSpec("mkfifo", path));
        if (made.ExitCode != 0)
            throw new InvalidOperationException(made.Output);
        // Opened for both, so that opening waits for nobody and the sidecar always has a reader.
        return Open(path);
    }

    /// <summary>A further reader of a pipe that is there.</summary>
    public static OutputPipe Open(string path) => new(path, new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0));

    /// <summary>Reads on from now on.</summary>
    public void BeginReading() => new Thread(() =>
    {
        using var reader = new StreamReader(_pipe);
        while (reader.ReadLine() is { } line)
        {
            lock (_lock)
                _lines.Add(line);
        }
    })
    { IsBackground = true }.Start();

    /// <summary>A thread that sits in a read keeps its handle, and ends with the test process.</summary>
    public void Dispose() => _pipe.Dispose();
}
