namespace TokenBroker.Tokens.Sources;

/// <summary>The wait that an answer asks for, in either of the header's two forms.</summary>
internal static class RetryAfterHeader
{
    public static TimeSpan? Read(HttpResponseMessage response, TimeProvider time) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        // By the endpoint's own clock where it tells it: this host's may be off by more than the wait. Negative when the
        // date has passed, which means at once.
        { Date: { } date } => date - (response.Headers.Date ?? time.GetUtcNow()) is var wait && wait > TimeSpan.Zero ? wait : TimeSpan.Zero,
        _ => null,
    };
}
