using TokenBroker.Configuration;

namespace TokenBroker.Limits;

/// <summary>
/// The limits of each kind of listener. Data listeners share one limit; admin and health listeners have their own small
/// limits.
/// </summary>
internal sealed record ListenerLimits
{
    private const int MaxAdminHeadBytes = 16 * 1024;

    /// <summary>A client that sends nothing for that long is closed.</summary>
    private static readonly TimeSpan MaxAdminSilence = TimeSpan.FromSeconds(20);

    public ListenerLimits(EffectiveLimits limits)
    {
        Heads = new(limits.HeadBytes);
        Data = new(new(limits.Connections, replacesOldest: false), Heads);
        Admin = OfAdmin(limits.AdminConnections);
        Health = OfAdmin(limits.AdminConnections);
    }

    public HeadBudget Heads { get; }

    public ListenerLimit Data { get; }

    public ListenerLimit Admin { get; init; }

    public ListenerLimit Health { get; init; }

    /// <summary>A probe must always get an answer, so a new connection replaces the oldest one.</summary>
    private ListenerLimit OfAdmin(int connections) => new(new(connections, replacesOldest: true), Heads)
    {
        MaxHeadBytes = MaxAdminHeadBytes,
        MaxSilence = MaxAdminSilence,
    };
}
