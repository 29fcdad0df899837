using TokenBroker.Tokens.Answers;

namespace TokenBroker.Tokens;

/// <summary>The result of reading a token: a usable token, or why there is none and when to retry.</summary>
internal readonly record struct TokenReading(BearerToken? Token, TokenFailure? Failure, TimeSpan RetryAfter);
