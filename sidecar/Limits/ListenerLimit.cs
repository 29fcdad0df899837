using System.Net;

namespace TokenBroker.Limits;

/// <param name="Connections">The connections that are open.</param>
/// <param name="Heads">The budget for heads.</param>
internal sealed record ListenerLimit(AcceptedConnections Connections, HeadBudget Heads)
{
    /// <summary>The longest head; one more byte closes the connection. The server's own limit comes first where this is not set.</summary>
    public int MaxHeadBytes { get; init; } = int.MaxValue;

    /// <summary>How long a client may send nothing while it is expected to; null leaves it to the server's own limits.</summary>
    public TimeSpan? MaxSilence { get; init; }

    /// <summary>The address of a listener under this limit.</summary>
    public IPEndPoint At(IPEndPoint address) => new LimitedEndPoint(address, Connections);
}
