using TokenBroker.Tokens;

namespace TokenBroker.Tests.Tokens.FaultMatrix;

/// <summary>The real source, with a count of the attempts that were begun on it.</summary>
internal sealed class CountedSource(ITokenSource real) : ITokenSource
{
    private int _begun;

    public string Name => real.Name;

    public int Begun => Volatile.Read(ref _begun);

    public ValueTask<TokenAnswer> RequestAsync(TimeSpan longest, CancellationToken stopping)
    {
        Interlocked.Increment(ref _begun);
        return real.RequestAsync(longest, stopping);
    }
}
