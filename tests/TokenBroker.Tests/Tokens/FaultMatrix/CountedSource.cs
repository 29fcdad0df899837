using TokenBroker.Tokens.Answers;

namespace TokenBroker.Tests.Tokens.FaultMatrix;

/// <summary>The real source, with a count of the attempts that were begun on it.</summary>
internal sealed class CountedSource(ITokenSource real) : ITokenSource
{
    private int _begun;

    public string Name => real.Name;

    public TimeSpan AttemptTimeout => real.AttemptTimeout;

    /// <summary>How long the last attempt may take.</summary>
    public TimeSpan LastLimit { get; private set; }

    public int Begun => Volatile.Read(ref _begun);

    public ValueTask<TokenAnswer> RequestAsync(TimeSpan limit, CancellationToken stopping)
    {
        LastLimit = limit;
        Interlocked.Increment(ref _begun);
        return real.RequestAsync(limit, stopping);
    }
}
