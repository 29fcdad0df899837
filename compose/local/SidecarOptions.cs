namespace TokenBroker.Local;

/// <summary>How one sidecar is started.</summary>
public sealed record SidecarOptions
{
    /// <summary>Where it listens for blob requests. Port 0 takes a free one.</summary>
    public Uri Listen { get; init; } = new("http://127.0.0.1:0");

    /// <summary>Where its health, metrics and status are. Port 0 takes a free one.</summary>
    public Uri Admin { get; init; } = new("http://127.0.0.1:0");

    /// <summary>Further arguments, after those of the environment.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Further environment variables, set after the environment has been cleaned.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Whether to wait until it holds a token for its account. If off, it waits only until the sidecar listens.
    /// </summary>
    public bool WaitUntilReady { get; init; } = true;
}
