namespace TokenBroker.Configuration;

internal sealed record CallerOptions
{
    /// <summary>The keys with which callers must sign; null if no signature is required.</summary>
    public CallerKeys? Keys { get; init; }

    /// <summary>Accept requests without x-ms-version. A web page, or a redirect, can then forge any plain GET.</summary>
    public bool UnsafeAllowMissingVersion { get; init; }

    /// <summary>
    /// Listen beyond loopback and accept such peers. Every caller who can connect then has the identity's rights.
    /// </summary>
    public bool UnsafeAllowNonLoopback { get; init; }
}
