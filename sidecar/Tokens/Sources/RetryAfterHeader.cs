namespace TokenBroker.Tokens.Sources;

/// <summary>The wait that an answer asks for, in either of the header's two forms.</summary>
internal static class RetryAfterHeader
{
    public static TimeSpan? Read(HttpResponseMessage response, TimeProvider time) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        // Uses the endpoint's own clock if the answer has a date, because this host's clock may be off by more than the
        // wait. Negative if the time has passed, which means at once.
        { Date: { } date } => date - (response.Headers.Date ?? time.GetUtcNow()) is var wait && wait > TimeSpan.Zero ? wait : TimeSpan.Zero,
        _ => null,
    };
}
