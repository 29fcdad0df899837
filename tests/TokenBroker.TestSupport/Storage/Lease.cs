using System.Globalization;

namespace TokenBroker.TestSupport.Storage;

/// <summary>The lease of one blob or container. Whoever touches it holds the container's lock.</summary>
internal sealed class Lease
{
    private DateTimeOffset? _ends; // null is never
    private DateTimeOffset? _breaks;
    private TimeSpan? _duration;

    public enum LeaseState
    {
        Available,
        Leased,
        Breaking,
        Broken,
        Expired,
    }

    /// <summary>The id it was acquired or changed to last; empty after a release.</summary>
    public string Id { get; private set; } = "";

    public LeaseState State(DateTimeOffset now)
    {
        if (Id.Length == 0)
            return LeaseState.Available;
        if (_breaks is { } breaks)
            return now < breaks ? LeaseState.Breaking : LeaseState.Broken;
        return _ends is { } ends && now >= ends ? LeaseState.Expired : LeaseState.Leased;
    }

    /// <summary>True while nobody else may write.</summary>
    public bool Holds(DateTimeOffset now) => State(now) is LeaseState.Leased or LeaseState.Breaking;

    /// <param name="duration">Null for ever.</param>
    public void Acquire(string id, TimeSpan? duration, DateTimeOffset now)
    {
        (Id, _duration, _breaks) = (id, duration, null);
        Renew(now);
    }

    public void Renew(DateTimeOffset now) => (_ends, _breaks) = (now + _duration, null);

    public void Change(string id) => Id = id;

    public void Release() => (Id, _ends, _breaks) = ("", null, null);

    /// <summary>Answers how long the lease still holds.</summary>
    /// <param name="period">Null for as long as it would have held anyhow, and not at all if that is for ever.</param>
    public TimeSpan Break(TimeSpan? period, DateTimeOffset now)
    {
        var until = _breaks ?? _ends;
        var left = until > now ? until.Value - now : TimeSpan.Zero;
        var wanted = period is { } some && (until is null || some < left) ? some : left;
        _breaks = now + wanted;
        return wanted;
    }

    /// <summary>Answers its state as the properties of a blob or container do.</summary>
    public void Write(StorageRequest request)
    {
        var now = request.Time.GetUtcNow();
        var state = State(now);
        request.Answer("x-ms-lease-status", Holds(now) ? "locked" : "unlocked");
#pragma warning disable CA1308 // storage writes it in lower case
        request.Answer("x-ms-lease-state", state.ToString().ToLower(CultureInfo.InvariantCulture));
#pragma warning restore CA1308
        if (state == LeaseState.Leased)
            request.Answer("x-ms-lease-duration", _duration is null ? "infinite" : "fixed");
    }
}
