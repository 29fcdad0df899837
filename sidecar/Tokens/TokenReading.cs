namespace TokenBroker.Tokens;

/// <summary>What a reader gets: a token that can be sent now, or why there is none and when to come back.</summary>
internal readonly record struct TokenReading(BearerToken? Token, TokenFailure? Failure, TimeSpan RetryAfter);
