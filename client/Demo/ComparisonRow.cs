namespace TokenBroker.Client.Demo;

/// <summary>The samples of one operation at one size, for both ways.</summary>
internal sealed class ComparisonRow(Operation operation, long sizeBytes)
{
    private readonly List<double> _direct = [];
    private readonly List<double> _proxied = [];
    private bool _differs;

    public Operation Operation => operation;

    public long SizeBytes => sizeBytes;

    public Percentiles? Direct => Percentiles.Of(_direct);

    public Percentiles? Proxied => Percentiles.Of(_proxied);

    public double? Ratio => Direct is { P50: > 0 } direct && Proxied is { } proxied ? proxied.P50 / direct.P50 : null;

    /// <summary>The first failure; null if there is none.</summary>
    public string? Failure { get; private set; }

    /// <summary>Whether every sample succeeded and both ways saw the same.</summary>
    public bool Identical => Failure is null && !_differs && _direct.Count > 0 && _proxied.Count > 0;

    public void AddSample(bool isDirect, TimeSpan elapsed) => (isDirect ? _direct : _proxied).Add(elapsed.TotalMilliseconds);

    public void Require(bool same, string difference)
    {
        _differs |= !same;
        if (!same)
            Failure ??= difference;
    }

    public void Fail(string reason) => Failure ??= reason;
}
