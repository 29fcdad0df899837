namespace TokenBroker.Tokens.Schedule;

/// <summary>
/// What an entry has seen of a host's start. An identity that has just been assigned is unknown to the endpoint for some
/// seconds, and an endpoint or a network that is not up yet looks like none: both pass, and quick retries find out when.
/// </summary>
internal enum Startup
{
    /// <summary>No token has been received, and every failure is one that a start explains.</summary>
    NotReady,

    /// <summary>No token has been received, and the endpoint failed in other ways as well: quick retries could add to that.</summary>
    Failing,

    /// <summary>A token has been received.</summary>
    Over,
}
