using System.Diagnostics;

namespace TokenBroker.Tokens;

/// <summary>What the last attempt came to.</summary>
/// <param name="Outcome">Refreshed, unchanged or failed.</param>
/// <param name="Failure">Why it failed, if it did.</param>
/// <param name="ExpiresOn">Expiry of the token that is held now; null if none is.</param>
/// <param name="Trace">The attempt's span, for the requests that waited for it to link to.</param>
internal readonly record struct AttemptResult(
    TokenOutcome Outcome, TokenFailure? Failure, DateTimeOffset? ExpiresOn, ActivityContext? Trace);
