namespace TokenBroker.TestSupport.Storage;

/// <summary>Every request the stub has seen, in the order of arrival.</summary>
public sealed class RequestLog
{
    private readonly Lock _lock = new();
    private readonly List<RecordedRequest> _requests = [];
    private TaskCompletionSource _news = NewSignal();

    public int Count
    {
        get { lock (_lock) return _requests.Count; }
    }

    /// <summary>Those seen so far.</summary>
    public IReadOnlyList<RecordedRequest> All
    {
        get { lock (_lock) return [.. _requests]; }
    }

    /// <summary>Waits for a request, already seen or still to come. It may be under way yet: see <see cref="RecordedRequest.Done"/>.</summary>
    public async Task<RecordedRequest> FirstAsync(Func<RecordedRequest, bool> which, TimeSpan limit) =>
        (await AtLeastAsync(1, which, limit))[0];

    public async Task<IReadOnlyList<RecordedRequest>> AtLeastAsync(int count, Func<RecordedRequest, bool> which, TimeSpan limit)
    {
        using var timer = new CancellationTokenSource(limit);
        while (true)
        {
            Task news;
            List<RecordedRequest> found;
            lock (_lock)
                (found, news) = ([.. _requests.Where(which)], _news.Task);
            if (found.Count >= count)
                return found;
            try
            {
                await news.WaitAsync(timer.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"{found.Count} of {count} requests within {limit}; seen: {string.Join("; ", All)}");
            }
        }
    }

    public void Clear()
    {
        lock (_lock)
            _requests.Clear();
    }

    internal void Add(RecordedRequest request)
    {
        TaskCompletionSource news;
        lock (_lock)
        {
            _requests.Add(request);
            (news, _news) = (_news, NewSignal());
        }
        news.SetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
