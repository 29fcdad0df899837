namespace TokenBroker.Tokens.Answers;

/// <summary>
/// Where tokens for one identity and audience come from. It is the product's only interface with several implementations.
/// </summary>
internal interface ITokenSource
{
    /// <summary>The kind of source, as shown at start and in health answers.</summary>
    string Name { get; }

    /// <summary>How long an attempt may take while a token is usable. Without one the entry allows more time.</summary>
    TimeSpan AttemptTimeout { get; }

    /// <summary>
    /// Makes one attempt without retries: only the entry waits and retries. It throws only if <paramref name="stopping"/>
    /// is cancelled.
    /// </summary>
    /// <param name="limit">Ends the attempt; it starts when the request is sent.</param>
    /// <param name="stopping">Cancelled when the process stops.</param>
    ValueTask<TokenAnswer> RequestAsync(TimeSpan limit, CancellationToken stopping);
}
