using TokenBroker.Tokens.Answers;

namespace TokenBroker.Tokens;

/// <summary>The state of an entry at one moment, for health answers and metrics. It has times, never a token's value.</summary>
/// <param name="State">The entry's state.</param>
/// <param name="ExpiresOn">Expiry of the current token, if any.</param>
/// <param name="TimeToExpiry">Time until it expires; negative after it has expired.</param>
/// <param name="Age">Time since it was received.</param>
/// <param name="Failure">The last failure, if the last attempt failed.</param>
/// <param name="FailingSince">When the current series of failures began.</param>
/// <param name="NextAttemptIn">Time until the next attempt is due.</param>
internal sealed record TokenSnapshot(
    TokenState State, DateTimeOffset? ExpiresOn, TimeSpan? TimeToExpiry, TimeSpan? Age,
    TokenFailure? Failure, DateTimeOffset? FailingSince, TimeSpan NextAttemptIn)
{
    public bool IsUsable => State is TokenState.Fresh or TokenState.Refreshing or TokenState.Stale;
}
