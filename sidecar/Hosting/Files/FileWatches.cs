using System.Security.Cryptography;

namespace TokenBroker.Hosting.Files;

/// <summary>
/// Watches the content of files that may change. Times and links are not sufficient: an orchestrator that mounts files
/// swaps a link to their directory. Files are read on a separate thread, so that a file system that hangs blocks nothing
/// else.
/// </summary>
internal sealed class FileWatches(TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly List<ITimer> _timers = [];

    /// <param name="paths">Files that are used together.</param>
    /// <param name="reload">Called when the content differs from the content in use, and again each time until it succeeds.</param>
    /// <param name="report">Called with the problem after the same unusable content was read twice, because files that belong together do not change at the same moment.</param>
    public void Add(IReadOnlyList<string> paths, FileReload reload, Action<string> report)
    {
        var watch = new Watch(paths, reload, report);
        _timers.Add(time.CreateTimer(_ => watch.Begin(), null, Interval, Interval));
    }

    public void Dispose() => _timers.ForEach(timer => timer.Dispose());

    private sealed class Watch(IReadOnlyList<string> paths, FileReload reload, Action<string> report)
    {
        private string _used = Fingerprint(paths);
        private string? _failed;
        private bool _isReported;
        private int _isRunning;

        public void Begin()
        {
            if (Interlocked.Exchange(ref _isRunning, 1) == 0)
                new Thread(Run) { IsBackground = true, Name = "file watch" }.Start();
        }

        private void Run()
        {
            try
            {
                Look();
            }
            finally
            {
                Volatile.Write(ref _isRunning, 0);
            }
        }

        private void Look()
        {
            var found = Fingerprint(paths);
            if (found == _used)
                return;
            if (reload(out var problem))
            {
                (_used, _failed) = (found, null);
                return;
            }

            if (found != _failed)
                (_failed, _isReported) = (found, false);
            else if (!_isReported)
            {
                _isReported = true;
                report(problem);
            }
        }

        private static string Fingerprint(IReadOnlyList<string> paths)
        {
            try
            {
                return string.Join(' ', paths.Select(path =>
                {
                    using var file = File.OpenRead(path);
                    return Convert.ToHexString(SHA256.HashData(file));
                }));
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                return error.Message;
            }
        }
    }
}
