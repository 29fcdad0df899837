namespace TokenBroker.Configuration;

internal sealed record TokenOptions
{
    /// <summary>
    /// Base address of the metadata endpoint; null means the platform's own endpoint, or the source that the environment
    /// names.
    /// </summary>
    public Uri? MetadataEndpoint { get; init; }

    /// <summary>
    /// Timeout of one attempt while another token is usable, from the moment its request is sent. Without a usable token it
    /// is longer.
    /// </summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a request waits for a token before it gets 503.</summary>
    public TimeSpan FirstTokenWait { get; init; } = TimeSpan.FromSeconds(10);
}
