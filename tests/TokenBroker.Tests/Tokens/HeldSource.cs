using TokenBroker.Tokens.Answers;

namespace TokenBroker.Tests.Tokens;

/// <summary>A source that holds each attempt until the test answers it.</summary>
internal sealed class HeldSource : ITokenSource
{
    private TaskCompletionSource<TokenAnswer>? _attempt;

    public string Name => "held";

    public TimeSpan AttemptTimeout => TimeSpan.FromSeconds(5);

    /// <summary>The limit that the last attempt was given.</summary>
    public TimeSpan LastLimit { get; private set; }

    /// <summary>How many attempts were begun.</summary>
    public int Count { get; private set; }

    public bool IsHeld => _attempt is not null;

    public async ValueTask<TokenAnswer> RequestAsync(TimeSpan limit, CancellationToken stopping)
    {
        if (_attempt is not null)
            throw new InvalidOperationException("Two attempts at once.");
        Count++;
        LastLimit = limit;
        var attempt = _attempt = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = stopping.UnsafeRegister(_ => attempt.TrySetCanceled(stopping), null);
        try
        {
            return await attempt.Task;
        }
        finally
        {
            _attempt = null;
        }
    }

    public void Answer(TokenAnswer answer) => Held().SetResult(answer);

    public void Break(Exception error) => Held().SetException(error);

    private TaskCompletionSource<TokenAnswer> Held() => _attempt ?? throw new InvalidOperationException("No attempt is under way.");
}
