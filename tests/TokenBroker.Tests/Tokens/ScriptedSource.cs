using System.Threading.Channels;
using TokenBroker.Tokens.Answers;
using Xunit;

namespace TokenBroker.Tests.Tokens;

/// <summary>
/// A token source whose every attempt waits until the test answers it: the test sees that an attempt was made, and
/// decides when and how it ends.
/// </summary>
internal sealed class ScriptedSource(TestClock clock) : ITokenSource
{
    private readonly Channel<TaskCompletionSource<TokenAnswer>> _attempts =
        Channel.CreateUnbounded<TaskCompletionSource<TokenAnswer>>();

    private int _count;

    public string Name => "scripted";

    public TimeSpan AttemptTimeout => TimeSpan.FromMinutes(1);

    /// <summary>How many attempts were begun.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>The limit that the last attempt was given.</summary>
    public TimeSpan LastLimit { get; private set; }

    public ValueTask<TokenAnswer> RequestAsync(TimeSpan limit, CancellationToken stopping)
    {
        LastLimit = limit;
        Interlocked.Increment(ref _count);
        var attempt = new TaskCompletionSource<TokenAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        _attempts.Writer.TryWrite(attempt);
        return new(attempt.Task.WaitAsync(stopping));
    }

    /// <summary>The next attempt, once it is made.</summary>
    public async Task<TaskCompletionSource<TokenAnswer>> NextAsync() =>
        await _attempts.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(20));

    public async Task AnswerAsync(string token, TimeSpan lifetime) =>
        (await NextAsync()).SetResult(TokenAnswer.Of(Token(token, lifetime)));

    public async Task FailAsync(TokenFailureReason reason, TimeSpan? retryAfter = null) =>
        (await NextAsync()).SetResult(TokenAnswer.Of(reason, null, retryAfter));

    public BearerToken Token(string token, TimeSpan lifetime) => new(token, clock.GetUtcNow() + lifetime, lifetime, clock);
}
