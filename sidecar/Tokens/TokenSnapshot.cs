namespace TokenBroker.Tokens;

internal enum TokenState
{
    None,
    Acquiring,
    Fresh,
    Refreshing,
    Stale,
    Expired,
}

/// <summary>What an entry looks like at a moment, for health answers and metrics. Has times, never a value.</summary>
/// <param name="State">The entry's state.</param>
/// <param name="ExpiresOn">Expiry of the token that is held, if any.</param>
/// <param name="TimeToExpiry">What is left of it; negative once expired.</param>
/// <param name="Age">Time since it was received.</param>
/// <param name="Failure">The last failure, if the last attempt failed.</param>
/// <param name="FailingSince">When the present row of failures began.</param>
/// <param name="NextAttemptIn">Time until the next attempt is due.</param>
internal sealed record TokenSnapshot(
    TokenState State, DateTimeOffset? ExpiresOn, TimeSpan? TimeToExpiry, TimeSpan? Age,
    TokenFailure? Failure, DateTimeOffset? FailingSince, TimeSpan NextAttemptIn)
{
    public bool IsUsable => State is TokenState.Fresh or TokenState.Refreshing or TokenState.Stale;
}
