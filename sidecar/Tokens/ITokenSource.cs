namespace TokenBroker.Tokens;

/// <summary>What one attempt brought: a token, or the reason why there is none.</summary>
internal readonly record struct TokenAnswer(BearerToken? Token, TokenFailure? Failure)
{
    public static TokenAnswer Of(BearerToken token) => new(token, null);

    public static TokenAnswer Of(TokenFailureReason reason, string? detail = null, TimeSpan? retryAfter = null) =>
        new(null, new TokenFailure(reason, detail, retryAfter));
}

/// <summary>
/// Where tokens for one identity and audience come from. The one interface of the product that exists to be replaced.
/// </summary>
internal interface ITokenSource
{
    /// <summary>The kind of source, as shown at start and in health answers.</summary>
    string Name { get; }

    /// <summary>How long an attempt may take while a token serves. Without one the entry allows more.</summary>
    TimeSpan AttemptTimeout { get; }

    /// <summary>
    /// Makes one attempt without retries: waiting and trying again belong to the entry alone. Never throws, but for a
    /// cancelled <paramref name="stopping"/>.
    /// </summary>
    /// <param name="limit">Ends the attempt; it starts when the request is sent.</param>
    /// <param name="stopping">The process's end.</param>
    ValueTask<TokenAnswer> RequestAsync(TimeSpan limit, CancellationToken stopping);
}
