namespace TokenBroker.Proxy.Telemetry;

/// <summary>Who caused a request to fail.</summary>
internal enum FailedBy
{
    None,

    /// <summary>It closed the connection, or the request was wrong or not allowed: every 4xx, including storage's own.</summary>
    Client,

    /// <summary>It had no token, no free slot, a wrong address or a bug.</summary>
    Sidecar,

    /// <summary>It answered with 5xx, could not be reached, or was not trusted.</summary>
    Storage,
}
