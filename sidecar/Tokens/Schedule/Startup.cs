namespace TokenBroker.Tokens.Schedule;

/// <summary>
/// What an entry knows about the start of the host. The endpoint does not know a new identity for some seconds, and an
/// endpoint or a network that is not up yet looks as if it did not exist. Both problems go away, and quick retries find out
/// when.
/// </summary>
internal enum Startup
{
    /// <summary>No token has been received, and every failure was one that is normal during a start.</summary>
    NotReady,

    /// <summary>
    /// No token has been received, and the endpoint also failed in other ways, which quick retries could make worse.
    /// </summary>
    Failing,

    /// <summary>A token has been received.</summary>
    Over,
}
