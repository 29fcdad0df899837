namespace TokenBroker.Proxy.Telemetry;

/// <summary>Whose doing it is that a request did not succeed.</summary>
internal enum FailedBy
{
    None,

    /// <summary>It went away, or asked for what it may not or cannot have: every 4xx, storage's own included, as HTTP has it.</summary>
    Client,

    /// <summary>It had no token, no place left, a wrong address or a fault.</summary>
    Sidecar,

    /// <summary>It answered with 5xx, or could not be reached or trusted.</summary>
    Storage,
}
