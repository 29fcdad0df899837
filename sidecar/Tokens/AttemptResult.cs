using TokenBroker.Tokens.Answers;

namespace TokenBroker.Tokens;

/// <summary>The result of an attempt.</summary>
/// <param name="Outcome">Refreshed, unchanged or failed.</param>
/// <param name="Failure">Why it failed, if it did.</param>
/// <param name="ExpiresOn">Expiry of the current token; null if there is none.</param>
internal sealed record AttemptResult(TokenOutcome Outcome, TokenFailure? Failure, DateTimeOffset? ExpiresOn);
