namespace TokenBroker.Tokens;

/// <summary>What an attempt came to.</summary>
/// <param name="Outcome">Refreshed, unchanged or failed.</param>
/// <param name="Failure">Why it failed, if it did.</param>
/// <param name="ExpiresOn">Expiry of the token that is held now; null if none is.</param>
internal sealed record AttemptResult(TokenOutcome Outcome, TokenFailure? Failure, DateTimeOffset? ExpiresOn);
