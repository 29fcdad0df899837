namespace TokenBroker.Tokens.Answers;

/// <summary>The result of one attempt: a token, or the reason why there is none.</summary>
internal readonly record struct TokenAnswer(BearerToken? Token, TokenFailure? Failure)
{
    public static TokenAnswer Of(BearerToken token) => new(token, null);

    public static TokenAnswer Of(TokenFailureReason reason, string? detail = null, TimeSpan? retryAfter = null) =>
        new(null, new TokenFailure(reason, detail, retryAfter));
}
