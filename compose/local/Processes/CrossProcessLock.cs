namespace TokenBroker.Local.Processes;

/// <summary>A lock between processes: an open file that nobody else may open. The operating system releases it with the
/// process, however that ends, so no lock is left behind.</summary>
internal static class CrossProcessLock
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(200);

    public static async Task<IDisposable> AcquireAsync(string file, Action onWaiting, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        var waiting = false;
        while (true)
        {
            try
            {
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(file))
            {
                if (!waiting)
                    onWaiting();
                waiting = true;
                await Task.Delay(RetryInterval, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
