namespace TokenBroker.TestSupport.Storage;

/// <summary>The answers that tests have planned, first come first served.</summary>
internal sealed class AnswerPlan
{
    private readonly Lock _lock = new();
    private readonly List<Entry> _entries = [];

    public void Add(PlannedAnswer answer, int times, Func<RecordedRequest, bool> when)
    {
        lock (_lock)
            _entries.Add(new Entry(answer, when) { Left = times });
    }

    public PlannedAnswer? Take(RecordedRequest request)
    {
        lock (_lock)
        {
            if (_entries.Find(entry => entry.When(request)) is not { } entry)
                return null;
            if (--entry.Left == 0)
                _entries.Remove(entry);
            return entry.Answer;
        }
    }

    private sealed record Entry(PlannedAnswer Answer, Func<RecordedRequest, bool> When)
    {
        public int Left { get; set; }
    }
}
